import { HttpError } from '../http/http-error.ts';

/** The error if there is no room to send an answer. */
export function noRoom(): HttpError {
    return new HttpError('SERVER_BUSY', 'too many large answers are being sent to slow clients', {
        next: 'request less, or retry later',
    });
}
