/** The bundler takes style sheets; the compiler only has to know that they may be named. */
declare module '*.css'
