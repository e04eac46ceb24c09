// Makes dist/browser/ out of src/serve/browser/: what the pages load, each file also compressed as well as can be,
// for which there is no time while somebody waits.
// One module for the pages, one with the parts of ECharts that they use, which is loaded when a chart is drawn, and what
// the page of models brings along.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { rolldown } from 'rolldown';

const source = resolve('src', 'serve', 'browser');
const target = join('dist', 'browser');
const MODULES = { page: 'page.ts', echarts: 'echarts-parts.ts', models: 'models.ts' };
/** Style sheets and their parts, in the order in which these overrule each other. */
const STYLES = {
    page: [
        'colours',
        'base',
        'frame',
        'pipelines',
        'questions',
        'figures',
        'numbers',
        'tables',
        'rows',
        'paper',
        'periods',
        'currencies',
        'freshness',
    ],
    models: ['colours', 'models', 'models-picture', 'models-media'],
};
const NOTICE = '/*! Apache ECharts, Copyright The Apache Software Foundation (ASF). Licences: echarts.LICENSE */';

for (const [name, file] of Object.entries(MODULES)) {
    const bundle = await rolldown({
        input: { [name]: join(source, file) },
        platform: 'browser',
        tsconfig: false,
        logLevel: 'warn',
        transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    });
    await bundle.write({
        dir: target,
        format: 'esm',
        comments: false,
        minify: true,
        codeSplitting: false,
        entryFileNames: '[name].js',
    });
    await bundle.close();
    if (name === 'echarts') {
        const file = join(target, 'echarts.js');
        writeFileSync(file, `${NOTICE}\n${readFileSync(file, 'utf8')}`);
    }
}
for (const [name, parts] of Object.entries(STYLES)) {
    const texts = parts.map((part) => readFileSync(join(source, 'styles', `${part}.css`), 'utf8'));
    writeFileSync(join(target, `${name}.css`), texts.join('\n'));
}
copyFileSync(join(source, 'icon.svg'), join(target, 'icon.svg'));
writeLicences();
for (const name of readdirSync(target).filter((one) => /\.(?:js|css|svg)$/.test(one))) {
    const bytes = readFileSync(join(target, name));
    writeFileSync(
        join(target, `${name}.br`),
        brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    );
}

/** The licences of what echarts.js holds. */
function writeLicences() {
    const echarts = join('node_modules', 'echarts');
    const licences = [
        ['Apache ECharts: NOTICE', join(echarts, 'NOTICE')],
        ['Apache ECharts: LICENSE', join(echarts, 'LICENSE')],
        ['Apache ECharts: licenses/LICENSE-d3', join(echarts, 'licenses', 'LICENSE-d3')],
        ['ZRender: LICENSE', join('node_modules', 'zrender', 'LICENSE')],
        ['tslib: LICENSE', join(echarts, 'node_modules', 'tslib', 'LICENSE.txt')],
    ];
    const text = licences.map(([title, file]) => `${title}\n\n${readFileSync(file, 'utf8').trim()}\n`);
    writeFileSync(join(target, 'echarts.LICENSE'), text.join(`\n${'-'.repeat(72)}\n\n`));
}
