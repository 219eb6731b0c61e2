import { useTransport } from './service.ts'

// preloaded, for a run of all tests on services that are mounted on Bun's own server
useTransport('bun')
