/** The signals that ask a process to end: Ctrl-C, a service manager, a closed terminal. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
