import { describe, expect, it } from 'vitest';
import { diagnose, reasonIn } from '../../../src/gateway/nginx/diagnose.ts';

const APACHE = () => ['"/usr/sbin/apache2" (process 812)'];

/** As nginx 1.22 printed them. */
const SAID = {
  taken: [
    'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
    'nginx: [emerg] still could not bind()',
  ].join('\n'),
  elsewhere: 'nginx: [emerg] bind() to 10.1.2.3:80 failed (99: Cannot assign requested address)',
  syntax:
    '2026/11/30 10:00:00 [emerg] 713#713: unknown directive "sever" in /var/lib/flatnetd/nginx/generations/4/flatnet.conf:7\n' +
    'nginx: configuration file /var/lib/flatnetd/nginx/generations/4/test.conf test failed',
  path: 'nginx: [emerg] open() "/var/lib/flatnetd/nginx/current/flatnet.conf" failed (2: No such file or directory)',
  certificate:
    'nginx: [emerg] cannot load certificate "/etc/flatnet/tls/a.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)',
  full: 'nginx: [emerg] mkdir() "/var/lib/flatnetd/nginx/temp/proxy" failed (28: No space left on device)',
};

describe('diagnose()', () => {
  it('names the program that has a port', () => {
    expect(diagnose(SAID.taken, APACHE)).toEqual({
      code: 'port-taken',
      message: 'Cannot start nginx: "/usr/sbin/apache2" (process 812) has "0.0.0.0:80" already',
      remedy: expect.stringContaining('ss -ltnp "sport = :80"'),
    });
    expect(diagnose(SAID.taken, () => []).message).toContain('another program');
  });

  it('tells a port, a text and a path apart, which the same "does not start" may mean', () => {
    const codes = [SAID.taken, SAID.syntax, SAID.path].map((said) => diagnose(said, APACHE).code);
    expect(codes).toEqual(['port-taken', 'nginx-rejects', 'path-missing']);
  });

  it.each([
    ['an address of another host', SAID.elsewhere, 'address-missing', '10.1.2.3:80'],
    ['a certificate that is not there', SAID.certificate, 'path-missing', '/etc/flatnet/tls/a.pem'],
    ['a full disk', SAID.full, 'disk-full', 'No space left'],
    ['a mistake with its place', SAID.syntax, 'nginx-rejects', 'unknown directive "sever" in /var/lib'],
    ['silence', '', 'nginx-rejects', 'it did not say why'],
  ])('knows %s', (_what, said, code, part) => {
    expect(diagnose(said, APACHE)).toMatchObject({ code, message: expect.stringContaining(part) });
  });
});

describe('reasonIn()', () => {
  it('leaves out the time and the number of the process', () => {
    expect(reasonIn(SAID.syntax)).toMatch(/^unknown directive/);
  });
});
