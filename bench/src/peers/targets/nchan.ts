import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFrame, postRequest, upgradeRequest } from '../frames.ts'
import { aptLine, firstLine, missingProgram } from '../install.ts'
import type { Target } from '../target.ts'

const module = '/usr/lib/nginx/modules/ngx_nchan_module.so'

/** Nchan in nginx with one worker, one channel for each group. */
export const nchan: Target = {
  id: 'nchan',
  label: 'Nchan',
  missing: () => missingProgram('nginx') ?? (existsSync(module) ? undefined : aptLine),
  version: () =>
    `${firstLine('nginx', '-v')}, ${firstLine('dpkg-query', '-W', 'libnginx-mod-nchan').replace('\t', ' ')}`,
  launch({ folder, port, programs }) {
    const file = join(folder, 'nginx.conf')
    mkdirSync(join(folder, 'tmp'))
    writeFileSync(file, config(folder, port))
    return { command: [programs.listen, String(port), 'nginx', '-p', folder, '-e', 'stderr', '-c', file] }
  },
  connect: (port, group = 'nobody') => [{ send: upgradeRequest(port, `/ws/${group}`) }],
  publish: (_group, text) => clientFrame(text),
  publishByHttp: (port, group, text) => postRequest(port, `/post/${group}`, { body: text }),
}

const config = (folder: string, port: number) => `
load_module ${module};
daemon off;
user root;
pid ${folder}/nginx.pid;
worker_processes 1;
worker_rlimit_nofile 20000;
events { worker_connections 19000; multi_accept on; }
http {
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 3600s;
  client_body_temp_path ${folder}/tmp/body;
  proxy_temp_path ${folder}/tmp/proxy;
  fastcgi_temp_path ${folder}/tmp/fastcgi;
  uwsgi_temp_path ${folder}/tmp/uwsgi;
  scgi_temp_path ${folder}/tmp/scgi;
  nchan_shared_memory_size 512M;
  nchan_message_timeout 5s;
  nchan_message_buffer_length 512;
  server {
    listen 127.0.0.1:${port};
    location ~ ^/ws/(\\w+)$ {
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_websocket_ping_interval 0;
    }
    location ~ ^/post/(\\w+)$ { nchan_publisher http; nchan_channel_id $1; }
  }
}
`
