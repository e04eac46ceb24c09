import type { Interrupt } from '../process/interrupt.ts';
import type { PipelineSettings } from '../project/pipeline-settings.ts';
import type { PipePause } from './pipe-pauses.ts';
import type { RowSource } from './source-reader.ts';

/** How one source is loaded. */
export interface LoadOptions {
    readonly asNew: boolean;
    readonly strict: boolean;
    readonly settings: PipelineSettings;
    /** A longer record is put aside. */
    readonly recordBytesMax?: number | undefined;
    /** Ignore positions: for sources that land out of order. */
    readonly ignorePositions?: boolean;
    readonly interrupt: Pick<Interrupt, 'check' | 'checkNowAndThen'>;
    /** Set if the source holds rows of a table, not a change stream. */
    readonly rows?: RowSource;
    /** Called at intervals with the bytes read from the disk and the changes landed by this load. */
    readonly progress?: (bytes: number, changes: number) => void;
    /** Called at the end of each batch of a list of batches, when it is committed. */
    readonly afterBatch?: (batch: number) => Promise<void>;
    /** What is done while a pipe is quiet, or at least so often. */
    readonly pause?: PipePause;
}
