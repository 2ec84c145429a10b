// Who asks: nobody, a server with an API key, or somebody who has signed in and whose access token is renewed in time.

import type { components } from "./generated.js";
import { problemOf } from "./problem.js";

/** What signing in gave. Keep `refresh_token` as you would keep a password. */
export type SignedIn = components["schemas"]["SignedIn"];

/** Seconds before its end that an access token is renewed. */
const EARLY = 20;

export class Session {
    private signedIn: SignedIn | undefined;
    private endsAt = 0;
    private renewal: Promise<void> | undefined;
    /** Called with every new pair of tokens: a refresh token is good for one use, so the new one has to be kept. */
    onRenewed: ((signedIn: SignedIn) => void) | undefined;

    constructor(
        private readonly base: string,
        private readonly send: typeof fetch,
        private readonly apiKey?: string,
    ) {}

    /** Whether a request would bear credentials. */
    get isSignedIn(): boolean {
        return this.apiKey !== undefined || this.signedIn !== undefined;
    }

    adopt(signedIn: SignedIn): void {
        this.signedIn = signedIn;
        this.endsAt = Date.now() + (signedIn.expires_in - EARLY) * 1000;
    }

    forget(): void {
        this.signedIn = undefined;
        this.endsAt = 0;
    }

    /** The token to send now. However many ask at once, it is renewed once. */
    async token(): Promise<string | undefined> {
        if (this.apiKey !== undefined) return this.apiKey;
        if (this.signedIn !== undefined && Date.now() >= this.endsAt) await this.renew();
        return this.signedIn?.access_token;
    }

    /** Renews the pair after `refused` was turned down, unless somebody else has done so meanwhile. True when there is another token to try. */
    async renewAfter(refused: string): Promise<boolean> {
        if (this.apiKey !== undefined || this.signedIn === undefined) return false;
        if (this.signedIn.access_token === refused) await this.renew();
        return this.signedIn !== undefined;
    }

    private renew(): Promise<void> {
        this.renewal ??= this.exchange().finally(() => {
            this.renewal = undefined;
        });
        return this.renewal;
    }

    private async exchange(): Promise<void> {
        const refresh = this.signedIn?.refresh_token;
        const response = await this.send(`${this.base}/v1/auth/refresh`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ refresh_token: refresh }),
        });
        if (!response.ok) {
            const problem = await problemOf(response);
            // The session has ended. Any other refusal will pass, and the token may be good then.
            if (problem.status === 401) this.forget();
            throw problem;
        }
        const signedIn = (await response.json()) as SignedIn;
        this.adopt(signedIn);
        this.onRenewed?.(signedIn);
    }
}
