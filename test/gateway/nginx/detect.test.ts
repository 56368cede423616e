import { describe, expect, it } from 'vitest';
import { groupOf, parseModules, parseVersion, webUser } from '../../../src/gateway/nginx/detect.ts';

describe('parseVersion()', () => {
  it.each([
    ['nginx version: nginx/1.22.1\n', '1.22.1'],
    ['nginx version: openresty/1.27.1.2\n', '1.27.1'],
    ['nginx version: nginx/1.24.0 (Ubuntu)\n', '1.24.0'],
    ['busybox httpd', undefined],
  ])('reads %j', (text, expected) => {
    expect(parseVersion(text)).toBe(expected);
  });
});

describe('parseModules()', () => {
  it('takes what Lua needs, in the order in which it has to be loaded, and nothing else', () => {
    const files = [
      'load_module modules/ngx_http_lua_module.so;\n',
      'load_module modules/ngx_http_image_filter_module.so;\n',
      '# load_module modules/ndk_http_module.so;\n load_module "modules/ndk_http_module.so" ;\n',
    ];
    expect(parseModules(files)).toEqual(['modules/ndk_http_module.so', 'modules/ngx_http_lua_module.so']);
  });
});

describe('webUser()', () => {
  it.each([
    ['root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:\nwww-data:x:33:33::/:\n', 'www-data', 33],
    ['root:x:0:0::/:/bin/sh\nnginx:x:991:990::/:\n', 'nginx', 990],
    ['root:x:0:0::/:/bin/sh\n', undefined, undefined],
  ])('finds the account of the distribution, and its group', (passwd, user, group) => {
    expect(webUser(passwd)).toBe(user);
    expect(groupOf(passwd, user)).toBe(group);
  });
});
