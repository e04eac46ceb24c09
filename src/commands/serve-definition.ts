import type { CommandDefinition } from './command.ts';

/** `elt serve`, as the command line knows it. */
export const SERVE_COMMAND: CommandDefinition = {
    name: 'serve',
    summary:
        'answer the questions of the folder api/ over HTTP; repeat --pipeline to serve several, with --db NAME=FILE',
    options: [
        ['--port <port>', 'port to listen on (default 8080; 0: any free port)'],
        ['--host <address>', 'address to listen on (default 127.0.0.1: this machine only)'],
        [
            '--token <token>',
            'token that requests must send (ELT_TOKEN); other users of this machine see it in the list of processes',
        ],
        ['--token-file <file>', 'file that holds the token (ELT_TOKEN_FILE)'],
        ['--no-token', 'everybody who reaches the server may read'],
        ['--allowed-host <name...>', 'further names that the header Host may have'],
        ['--cors <origin...>', 'origins whose pages may read the answers'],
        ['--timeout-ms <ms>', 'time limit of a query (default 5000)'],
        ['--rows-max <rows>', 'row limit of an answer (default 100000)'],
        ['--readers <n>', 'number of processes that query the database (default 4)'],
        ['--snapshot <file>', 'write the dashboards as one HTML file that needs nothing else, and end'],
    ],
    listens: true,
    examples: [
        'elt --pipeline card_spend serve',
        'elt --pipeline game --pipeline card_spend serve --port 9000 --cors https://example.com',
    ],
    load: async () => (await import('./serve.ts')).serve,
};
