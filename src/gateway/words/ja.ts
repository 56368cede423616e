import type { Catalogue } from './catalogue.ts';

const list = (words: readonly (string | number)[]): string => words.join('、');

export const JAPANESE: Catalogue = {
  forms: {
    hosts:
      'カンマ区切りのホスト名（例: "git.local, git.example"）。ポート、ワイルドカード、アドレスは不可。英数字以外は Punycode で指定',
    ownName: 'ゲートウェイ自身の名前以外のホスト名',
    port: '1 から 65535 までのポート番号',
    path: '"/git" のようなパス。スラッシュの間は英数字と "-._~"、200 文字以内',
    boolean: 'true または false',
    scheme: 'http、https、h2c、grpc のいずれか',
    size: '512k、20m、1g のようなサイズ。0 は無制限',
    time: '90s、15m、2h のような時間（1s から 7d まで）',
    access: 'lan、host、アドレス、または 192.168.1.0/24 のようなネットワーク（カンマ区切り）',
    fileName: 'パスワードファイルの名前。英数字と "-._" のみ、ディレクトリは不可',
    health: 'check または ignore',
    pool: '英小文字、数字、ハイフンからなる名前（プールの全コンテナで同じもの）',
    poolHost: '同じサービスの host ラベル（コンテナが共有する名前）',
    samePool: '同じプールの最も古いコンテナと同じホスト、パス、オプション',
    service: '英小文字、数字、単独のハイフンからなるサービス名（32 文字以内）',
    hostOrPath: 'ホスト、またはコンテナのホストの下のパス',
    fewServices: '32 個以内のサービス',
    known: 'flatnet のラベル',
    name: '表示可能な文字 1 から 80 文字',
    description: '表示可能な文字 1 から 300 文字',
    icon: 'アイコン名（英小文字、数字、ハイフン）、または 1、2 文字の文字列',
    weight: '-1000 から 1000 までの整数',
    nginxProxyLabel: 'VIRTUAL_HOST、VIRTUAL_PORT、VIRTUAL_PATH、VIRTUAL_PROTO、VIRTUAL_DEST のいずれか',
    nginxProxyDest: '"/"（VIRTUAL_PATH を取り除く）',
    traefikRule: 'Host(`name`)。"||" で複数可、ほかに使えるのは "&& PathPrefix(`/path`)" のみ',
    traefikRouter: 'ミドルウェアのないルーター（flatnet.strip、flatnet.access、flatnet.auth で代用）',
    traefikService: 'そのコンテナのサービス。複数ある場合はルーターで指定',
    traefikOption: 'HTTP サービスの loadbalancer.server.port または loadbalancer.server.scheme',
    traefikUrl: 'ポート（転送先はそのコンテナのアドレスのみ）',
    caddySite: 'ホスト名。前に付けられるのは "http://" または "https://" のみ',
    caddyProxy:
      '{{upstreams}}、{{upstreams PORT}}、{{upstreams SCHEME PORT}} のいずれか。前に付けられるのは "/path/*" のみ',
    caddyDirective: 'reverse_proxy（対応しているディレクティブはこれのみ）',
  },
  meant: (form, meant) => `${form}。"${meant}" の間違いではありませんか`,
  ages: {
    seconds: (count) => `${count} 秒`,
    minutes: (count) => `${count} 分`,
    hours: (count) => `${count} 時間`,
    days: (count) => `${count} 日`,
  },
  list,
  stateNames: {
    ready: '稼働中',
    starting: '起動中',
    unhealthy: '異常',
    paused: '一時停止中',
    stopped: '停止中',
  },
  states: {
    ready: (age) => `稼働中（${age}）`,
    starting: (age) => `起動中（${age}）`,
    unhealthy: (age) => `異常（${age}前から）`,
    paused: (age) => `一時停止中（${age}前から）`,
    stopped: (age, exitCode) =>
      exitCode === undefined ? `停止中（${age}前から）` : `${age}前に停止（終了コード ${exitCode}）`,
  },
  advice: {
    starting: (container) => `まだ接続を受け付けていません。状況は podman logs ${container} で確認できます`,
    unhealthy: (container) =>
      `動作していますが、ヘルスチェックに失敗しているか、ポートが応答しません。原因は podman logs ${container} で確認できます`,
    paused: (container) => `podman unpause ${container} で再開できます`,
    stopped: (container) =>
      `podman start ${container} で起動できます。停止の原因は podman logs ${container} で確認できます`,
  },
  portReasons: {
    label: ({ label }) => `ラベル "${label}" で指定されています`,
    'only-web-port': ({ exposed }) =>
      exposed.length === 1
        ? 'EXPOSE されている唯一のポートです'
        : `EXPOSE されているポート（${list(exposed)}）のうち、ブラウザー向けはこれだけです`,
    'first-answer': ({ tried }) => `HTTP に最初に応答したポートです（試した順: ${list(tried)}）`,
  },
  refusals: {
    'not-on-flatnet': ({ networks }, quote) =>
      networks.length === 0
        ? 'flatnet のネットワークに接続されていません。--network flatnet を付けて起動してください'
        : `flatnet のネットワークではなく ${list(networks.map(quote))} に接続されています。podman network connect flatnet CONTAINER で接続できます`,
    disabled: ({ label }) =>
      `ラベル "${label}" で無効にされています。公開するには、このラベルを外してください`,
    'not-labelled': () =>
      'ゲートウェイは "flatnet.…" ラベルのあるコンテナだけを公開します。公開するには flatnet.enable=true を付けてください',
    'no-address': () => 'まだアドレスがありません。起動時に割り当てられます',
    'no-host-name': ({ name }, quote) =>
      `名前 ${quote(name)} にホスト名として使える英数字がありません。名前を変えるか、flatnet.host を付けてください`,
    'no-web-port': ({ exposed, tried }) => {
      if (tried.length > 0) {
        return `どのポートも HTTP に応答しませんでした（試したポート: ${list(tried)}）。ほかのポートを使う場合は flatnet.port で指定してください`;
      }
      return exposed.length === 0
        ? 'EXPOSE されたポートがなく、まだどのポートも試していません。flatnet.port で指定できます'
        : `EXPOSE されたポート（${list(exposed)}）の中に、ブラウザー向けとわかるものがありません。ある場合は flatnet.port で指定してください`;
    },
    'bad-label': ({ label, value, expected }, quote) =>
      `ラベル ${quote(label)} の値 ${quote(value)} が正しくありません。指定できる値: ${expected}`,
    conflict: ({ host, path, owner }, quote) =>
      `${quote(host + path)} は、先に作成されたコンテナ ${quote(owner)} が使っています。flatnet.host で別の名前を付けるか、両方に同じ flatnet.balance を付けて共有してください`,
    quarantined: ({ message }) =>
      `nginx がこのコンテナの設定を拒否したため、これを除いて公開しています: ${message}`,
  },
  explanations: {
    served: ({ host, container, address, state }) =>
      `${host} はコンテナ ${container}（${address}）につながります: ${state}`,
    port: (port, reason) => `ポート ${port}: ${reason}`,
    otherHosts: (hosts) => `ほかの名前: ${hosts}`,
    byAddress: (host, container) => `${host} はコンテナ ${container} のポート 80 につながります`,
    notServed: (container) => `コンテナ ${container} は公開されていません`,
    notServedAs: (host, container) => `${host} はコンテナ ${container} の名前ですが、公開されていません`,
    claimants: (host, containers) => `${host} は次のコンテナも使おうとしています: ${containers}`,
    refused: (reason) => `公開されない理由: ${reason}`,
    remark: (reason) => `注意: ${reason}`,
    unknownHost: (host) => `${host} という名前のコンテナはありません`,
    unknownContainer: (container) => `コンテナ ${container} はありません`,
    suggestions: (names) => `もしかして: ${names}`,
  },
};
