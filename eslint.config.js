import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The layers of src/, each with the layers it may import: main -> cni, netavark, cli -> attachment -> firewall, bridge, veth,
 * ipam -> sys; flatnetd -> gateway -> attachment. All may import input.
 */
const LAYERS = {
  input: [],
  sys: [],
  names: ['sys'],
  ipam: ['sys'],
  veth: ['ipam', 'sys'],
  bridge: ['ipam', 'sys'],
  firewall: ['bridge', 'ipam', 'sys'],
  attachment: ['names', 'firewall', 'bridge', 'veth', 'ipam', 'sys'],
  cni: ['attachment', 'names', 'firewall', 'bridge', 'veth', 'ipam', 'sys'],
  netavark: ['attachment', 'names', 'firewall', 'bridge', 'veth', 'ipam', 'sys'],
  cli: ['attachment', 'names', 'firewall', 'bridge', 'veth', 'ipam', 'sys'],
  gateway: ['attachment', 'names', 'ipam', 'sys'],
};

/** The doors between layers that otherwise know nothing of each other: how files of networks are read. */
const DOORS = {
  cli: [
    '!**/cni/conflist.ts',
    '!**/netavark/network-file.ts',
    '!**/netavark/new-network.ts',
    '!**/netavark/release.ts',
    '!**/gateway/model.ts',
    '!**/gateway/settings.ts',
    '!**/gateway/settings-text.ts',
    '!**/gateway/parse-settings.ts',
    '!**/gateway/snapshot.ts',
  ],
};

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => {
  const banned = Object.keys(LAYERS).filter((other) => ![layer, 'input', ...allowed].includes(other));
  return {
    files: [`src/${layer}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...banned.map((other) => ({
              group: [`**/${other}/**`, ...(DOORS[layer] ?? [])],
              message: `${layer} must not import ${other}; see the direction of imports in CONTRIBUTING.md.`,
            })),
            ...(layer === 'cli'
              ? [
                  {
                    regex: '/cni/(?!conflist\\.ts$)',
                    message: 'Of cni, cli takes what reads network lists only.',
                  },
                  {
                    regex: '/netavark/(?!(network-file|new-network|release)\\.ts$)',
                    message: 'Of netavark, cli takes what reads and makes network files only.',
                  },
                  {
                    regex: '/gateway/(?!(model|settings|settings-text|parse-settings|snapshot)\\.ts$)',
                    message: 'Of gateway, cli takes its settings and what the daemon answers only.',
                  },
                ]
              : []),
            ...(layer === 'sys'
              ? []
              : [
                  {
                    regex: '^(node:)?(fs|child_process|fs/promises|net|dgram)$',
                    message: 'Only src/sys touches the operating system.',
                  },
                ]),
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      complexity: ['error', 12],
      'no-restricted-properties': [
        'error',
        { property: 'exec', object: 'child_process', message: 'No shell, ever: use sys/process/run.ts.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "Property[key.name='shell'][value.type='Literal']",
          message: 'No shell, ever: a command is an argv array.',
        },
      ],
    },
  },
  ...layerRules,
  {
    files: ['src/{cni,netavark,bridge,veth,ipam,gateway}/**/*.ts', 'src/attachment/rollback.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'Process globals belong to src/main.ts, src/sys and src/cli.' },
        { name: 'console', message: 'stdout carries one JSON document; use the log.' },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts', 'conformance/**/*.ts', 'bench/**/*.ts', 'build/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['*.config.ts', '*.config.js'], rules: { 'no-restricted-exports': 'off' } },
  { files: ['**/*.js', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['web/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'window', 'location', 'fetch', 'Node', 'URL', 'DOMParser', 'EventSource']
          .concat(['setTimeout', 'clearTimeout', 'setInterval'])
          .map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      globals: { module: 'writable', require: 'readonly', Buffer: 'readonly', __dirname: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
