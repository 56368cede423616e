import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/gateway/parse-settings.ts';
import { SETTINGS_TEXT } from '../../src/gateway/settings-text.ts';

const DEFAULTS = parseSettings('');

/** Of the file as it is written, every key without its `#`. */
const UNCOMMENTED = SETTINGS_TEXT.replaceAll(/^#(?=[a-z-]+ = )/gm, '');

describe('the settings of flatnetd', () => {
  it('need no file: browsers on port 80 and the page on 8080, of every address', () => {
    expect(DEFAULTS.gateway.listen).toEqual([{ address: '*', port: 80 }]);
    expect(DEFAULTS.api.listen).toEqual([{ address: '*', port: 8080 }]);
    expect(DEFAULTS.gateway.expose).toBe('all');
  });

  it('are written down with every key and its default', () => {
    expect(parseSettings(SETTINGS_TEXT)).toEqual(DEFAULTS);
    expect(parseSettings(UNCOMMENTED)).toEqual(DEFAULTS);
  });

  it('read addresses of both families to listen on', () => {
    const { gateway } = parseSettings('[gateway]\nlisten = ["192.168.10.1:80", "[fd00::1]:8000"]');
    expect(gateway.listen).toEqual([
      { address: '192.168.10.1', port: 80 },
      { address: 'fd00::1', port: 8000 },
    ]);
  });

  it.each([
    ['[gateway]\nexpos = "labelled"', 'unknown key "gateway.expos"', 'did you mean "expose"?'],
    ['[gatway]\nexpose = "all"', 'unknown table "gatway"', 'did you mean "gateway"?'],
    ['[gateway]\nexpose = "some"', '"gateway.expose" is "some"', 'expected "all" or "labelled"'],
    ['[gateway]\nlisten = ["80"]', '"gateway.listen.0" is "80"', 'expected ADDRESS:PORT'],
    ['[gateway]\nlisten = ["*:99999"]', '"gateway.listen.0" is "*:99999"', 'expected ADDRESS:PORT'],
    ['[gateway]\nlisten = ["fd00::1:80"]', '"gateway.listen.0"', 'expected ADDRESS:PORT'],
    ['[gateway]\nlisten = "*:80"', '"gateway.listen" is "*:80"', 'expected a list'],
    ['[gateway]\ndomain = "Flatnet_local"', '"gateway.domain"', 'expected a host name'],
    [
      '[gateway]\npasswords = "/etc/x; include /etc/shadow"',
      '"gateway.passwords"',
      'expected an absolute path',
    ],
    ['[api]\nread = ["192.168.0.0"]', '"api.read.0"', 'expected a CIDR'],
    ['[gateway]\nliteral-headers = "yes"', '"gateway.literal-headers"', 'expected true or false'],
    ['nginx = 1', '"nginx" is no table', 'write it as [nginx]'],
    ['[gateway\n', 'it is not TOML', 'line 1'],
  ])('refuse %j, naming key and remedy', (text, message, details) => {
    expect(() => parseSettings(text, 'any.toml')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`Invalid any.toml: ${message}`),
        details: expect.stringContaining(details),
      }),
    );
  });
});
