import type { Question } from '../query/question.ts';
import { expectedText, type QuestionParameter } from '../query/question-parameter.ts';
import type { QuestionRoute } from '../query/question-route.ts';
import { escapeHtml } from './html-page.ts';
import { questionAddress } from './question-address.ts';
import type { ServedQuestion } from './served-questions.ts';

/** A page with a form for every question; `host` is what the client calls this server. */
export function docsPage(questions: readonly ServedQuestion[], host: string): string {
    const sections = questions.flatMap((served) => {
        if (served.question === null) {
            return [brokenSection(served)];
        }
        return served.route === null ? [] : [section(served.question, served.route, served.pipeline, host)];
    });
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Questions over HTTP</title>
<link rel="stylesheet" href="/assets/docs.css">
</head>
<body>
<main>
<h1>Questions over HTTP</h1>
<p><a href="/">All pipelines</a> · <a href="/openapi.json">OpenAPI</a> · <a href="/health">health</a> ·
<a href="/metrics">metrics</a></p>
<p>A question is a SQL file. Its rows come as JSON, or with <code>.csv</code> or <code>.ndjson</code> behind the path.</p>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function section(question: Question, route: QuestionRoute, pipeline: string, host: string): string {
    const address = questionAddress(route, new Map(Object.entries(question.example)), '');
    const fields = [
        ...question.parameters.map((parameter) => field(parameter, question.example[parameter.name] ?? '')),
        ...(question.page === null ? [] : [limitField()]),
    ];
    return `<section>
<h2><code>GET ${escapeHtml(route.path)}</code></h2>
<p>A row is ${escapeHtml(question.row ?? 'an answer')}. (<code>${escapeHtml(question.file)}</code>)</p>
<form action="/docs/try/${encodeURIComponent(pipeline)}/${encodeURIComponent(question.name)}">
${fields.join('\n')}
<label>format <select name="_format"><option value="">JSON</option><option value="csv">CSV</option>
<option value="ndjson">NDJSON</option></select></label>
<button>Ask</button>
</form>
<pre>curl '${escapeHtml(`http://${host}${address}`)}'</pre>
</section>`;
}

function field(parameter: QuestionParameter, example: string): string {
    const { name, isRequired, default: byDefault } = parameter;
    const isNeeded = isRequired && byDefault === null;
    return (
        `<label><span${isNeeded ? ' class="required"' : ''}>${escapeHtml(name)}</span> ` +
        `<input name="${escapeHtml(name)}" value="${escapeHtml(example)}" ` +
        `placeholder="${escapeHtml(byDefault ?? expectedText(parameter))}"${isNeeded ? ' required' : ''}></label>`
    );
}

function limitField(): string {
    return '<label>limit <input name="limit" type="number" min="1" placeholder="all rows"></label>';
}

function brokenSection({ file, error }: ServedQuestion): string {
    const message = error instanceof Error ? error.message : 'it cannot be read';
    return `<section><h2><code>${escapeHtml(file)}</code></h2><p>Not served: ${escapeHtml(message)}</p></section>`;
}
