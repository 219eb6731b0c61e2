// vue-tsc looks for TypeScript beside itself, where npm has put the newer one that it cannot use: it is given ours.
const { run } = require('vue-tsc')
run(require.resolve('typescript/lib/tsc'))
