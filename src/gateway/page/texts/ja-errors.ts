import type { CaTexts, ErrorTexts } from './texts.ts';

export const JA_ERRORS: ErrorTexts = {
  starting: (title) => `${title} は起動中です`,
  startingLead: 'コンテナは動作していますが、まだ応答していません。通常は数秒で完了します。',
  unhealthy: (title) => `${title} は正常に動作していません`,
  unhealthyLead: 'コンテナは動作していますが、ヘルスチェックに失敗しているため、接続を中継していません。',
  paused: (title) => `${title} は一時停止中です`,
  pausedLead: 'コンテナが一時停止されています。再開すると続きから動作します。',
  stopped: (title) => `${title} は停止しています`,
  stoppedLead: 'コンテナは動作していません。名前は維持されており、コンテナを起動するとすぐに使えます。',
  unreachable: (title) => `${title} に接続できません`,
  unreachableLead: 'コンテナは動作していますが、接続を受け付けないか、応答せずに切断しました。',
  timeout: (title) => `${title} が応答しません`,
  timeoutLead:
    'コンテナは要求を受け取りましたが、時間内に応答しませんでした。処理が続いている可能性があります。',
  gone: (host) => `${host} の公開は終了しました`,
  goneLead: 'コンテナが削除されたか、名前が変更されました。',
  unknown: (host) => `${host} という名前のサービスはありません`,
  unknownLead: 'この名前はゲートウェイに届いていますが、該当するコンテナがありません。',
  notServed: (host) => `${host} は公開されていません`,
  settingUp: (host) => `${host} を準備しています`,
  settingUpLead: 'コンテナは認識されています。まもなくこの名前で開けるようになります。',
  noPath: 'ページが見つかりません',
  noPathLead: 'ゲートウェイ自身のページですが、このパスには何もありません。',
  foreignHost: (host) => `このページの名前は ${host} ではありません`,
  foreignHostLead:
    'ゲートウェイのアドレスで開いてください。この名前を許可するには、次のファイルの "api.hosts" に追加します:',
  forbidden: 'このページを表示する権限がありません',
  method: 'この操作はできません',
  didYouMean: 'もしかして',
  refreshes: (seconds) => `このページは ${seconds} 秒ごとに自動で再試行します。`,
  notSent:
    '送信した内容には応答がなく、届いていない可能性があります。復旧後に前のページへ戻り、結果を確認してから再送信してください。',
  toPage: 'サービス一覧',
  status: (status) => `ステータス ${status}`,
};

export const JA_CA: CaTexts = {
  title: 'このゲートウェイの証明書を信頼する',
  lead: 'ゲートウェイは各サービスの証明書に自ら署名しています。この認証局を登録すると、ブラウザが証明書を信頼します。',
  download: '認証局の証明書をダウンロード',
  systems: [
    {
      name: 'Windows',
      step: 'ファイルを開き、「証明書のインストール」→「ローカル コンピューター」を選び、「信頼されたルート証明機関」に配置します。',
    },
    { name: 'macOS', step: 'ファイルを開いてシステムキーチェーンに追加し、「常に信頼」に設定します。' },
    {
      name: 'Debian・Ubuntu',
      step: '/usr/local/share/ca-certificates/flatnet.crt にコピーし、update-ca-certificates を実行します。',
    },
    {
      name: 'Fedora・RHEL',
      step: '/etc/pki/ca-trust/source/anchors/flatnet.crt にコピーし、update-ca-trust を実行します。',
    },
    {
      name: 'Firefox',
      step: '設定 →「プライバシーとセキュリティ」→「証明書を表示」→「認証局証明書」→「インポート」。',
    },
    {
      name: 'iOS・Android',
      step: 'ファイルを開いて CA 証明書としてインストールします。iOS では「一般」→「情報」で完全な信頼を有効にします。',
    },
  ],
  off: 'このゲートウェイは HTTP で動作しています',
  offLead:
    '証明書はなく、必要もありません。証明書を使うには、次のファイルで "tls.enabled = true" を設定します:',
};
