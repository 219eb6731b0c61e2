import { measureWall } from './zz-wall2.ts'
console.log(JSON.stringify(await measureWall(Number(process.argv[2] ?? 50000))))
process.exit(0)
