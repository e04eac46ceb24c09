/**
 * How a source ended, as far as its framer can tell:
 * - `ended`: behind a record, and nothing that is added can change it;
 * - `open line`: after a row without a line break: it was framed as a whole one, and may continue when the source grows;
 * - `open quote`: inside a quoted field: its first line was framed as a bad one, what follows as rows;
 * - `torn line`: inside a record of a file of lines, of which nothing was framed: the rest of the line is not there yet.
 */
export type SourceEnd = 'ended' | 'open line' | 'open quote' | 'torn line';
