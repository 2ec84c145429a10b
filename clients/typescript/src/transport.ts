// One request on its way: credentials, a name for it that makes a repeat safe, and as many tries as the service asks for.

import { retryAfter } from "./problem.js";
import type { Session } from "./session.js";

/** How stubborn the client is. */
export interface Retries {
    /** Tries in all; 4 by default, 1 never repeats. */
    attempts: number;
    /** The longest wait between two, in milliseconds; 30 s by default. A service that asks for more is not asked again. */
    longestWait: number;
    /** The first wait where the service names none, in milliseconds; it doubles, with jitter. */
    firstWait: number;
}

export const RETRIES: Retries = { attempts: 4, longestWait: 30_000, firstWait: 250 };

/** Answers that say: not now. */
const PASSING = new Set([429, 502, 503, 504]);

const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
            signal.removeEventListener("abort", aborted);
            resolve();
        }, milliseconds);
        const aborted = () => {
            clearTimeout(timer);
            reject(signal.reason as Error);
        };
        if (signal.aborted) aborted();
        else signal.addEventListener("abort", aborted, { once: true });
    });

/** Whether doing it twice does it once (RFC 9110, 9.2.2), by its method or by its name. */
function isRepeatable(request: Request): boolean {
    return request.method !== "POST" && request.method !== "PATCH" ? true : request.headers.has("idempotency-key") || request.headers.has("if-match");
}

export class Transport {
    constructor(
        private readonly send: typeof fetch,
        private readonly session: Session,
        private readonly retries: Retries,
        private readonly onWait?: (milliseconds: number, attempt: number) => void,
    ) {}

    readonly fetch = async (request: Request): Promise<Response> => {
        if (request.method === "POST" && new URL(request.url).pathname.startsWith("/v1/editorial/") && !request.headers.has("idempotency-key")) {
            request.headers.set("Idempotency-Key", crypto.randomUUID());
        }
        // Signing in and renewing carry their own credentials.
        const anonymous = /\/v1\/auth\/(login|refresh|password-reset)$/.test(new URL(request.url).pathname);
        let renewed = false;
        for (let attempt = 1; ; attempt += 1) {
            const token = anonymous ? undefined : await this.session.token();
            if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
            const last = attempt >= this.retries.attempts || !isRepeatable(request);
            let response: Response;
            try {
                response = await this.send(request.clone());
            } catch (failure) {
                if (last || request.signal.aborted) throw failure;
                await this.pause(this.backoff(attempt), attempt, request.signal);
                continue;
            }
            if (response.status === 401 && token !== undefined && !renewed && (await this.session.renewAfter(token))) {
                renewed = true;
                attempt -= 1;
                continue;
            }
            const asked = retryAfter(response) ?? this.backoff(attempt);
            if (last || !PASSING.has(response.status) || asked > this.retries.longestWait) return response;
            await response.body?.cancel();
            await this.pause(asked, attempt, request.signal);
        }
    };

    private backoff(attempt: number): number {
        return Math.min(this.retries.longestWait, this.retries.firstWait * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
    }

    private async pause(milliseconds: number, attempt: number, signal: AbortSignal): Promise<void> {
        this.onWait?.(milliseconds, attempt);
        await wait(milliseconds, signal);
    }
}
