// Which second the page shows: the live one, or one of the past, paused or playing. Pure: clock and timers are passed in.

export const SPEEDS = [1, 2, 5, 10, 30, 60];

const MOST_DRAWN_PER_SECOND = 10;

/**
 * `at` is the shown second (UTC epoch), null while the page is live. `newest()` returns the last second that can be shown,
 * `isLoaded(at)` whether a second can be shown yet; playing waits until it can. `onChange(player, cause)` is called for
 * every change, with the cause "play" for a step of playing and "jump" for any other.
 */
export class Player {
    constructor({ newest, isLoaded = () => true, onChange, now = () => performance.now(), ...timers }) {
        Object.assign(this, { newest, isLoaded, onChange, now });
        this.setTimer = timers.setTimer ?? ((call, ms) => setTimeout(call, ms));
        this.clearTimer = timers.clearTimer ?? ((timer) => clearTimeout(timer));
        Object.assign(this, { at: null, isPlaying: false, isWaiting: false, hasEnded: false, isHidden: false, speed: 1, timer: null });
    }

    get isLive() {
        return this.at === null;
    }

    /** Shows a second of the past; the newest one instead of one in the future. */
    goTo(second) {
        this.#show(Math.min(Math.floor(second), this.newest()));
        this.#changed("jump");
    }

    /** Moves forward or back by seconds; on the live page, back from the newest second. */
    step(seconds) {
        if (this.isLive && seconds >= 0) return;
        this.goTo((this.at ?? this.newest()) + seconds);
    }

    toggle() {
        if (this.isPlaying) this.pause();
        else this.play();
    }

    play() {
        if (this.isLive) return;
        this.isPlaying = true;
        this.#rebase();
        this.#advance();
    }

    pause() {
        if (!this.isPlaying) return;
        this.#stop();
        this.#changed("jump");
    }

    setSpeed(speed) {
        this.speed = speed;
        this.#rebase();
        this.#changed("jump");
        this.#schedule();
    }

    /** A hidden tab stops playing; when it is shown again it continues where it was. */
    setHidden(isHidden) {
        this.isHidden = isHidden;
        this.#rebase();
        this.#schedule();
    }

    backToLive() {
        if (this.isLive) return;
        this.#stop();
        this.at = null;
        this.hasEnded = false;
        this.#changed("jump");
    }

    #show(second) {
        this.at = second;
        this.hasEnded = false;
        this.#rebase();
    }

    #stop() {
        this.isPlaying = this.isWaiting = false;
        this.clearTimer(this.timer);
    }

    // The shown second is computed from here, so that late timers lose no time.
    #rebase() {
        this.from = { second: this.at, moment: this.now() };
    }

    #schedule() {
        this.clearTimer(this.timer);
        if (!this.isPlaying || this.isHidden) return;
        this.timer = this.setTimer(() => this.#advance(), 1000 / Math.min(this.speed, MOST_DRAWN_PER_SECOND));
    }

    #advance() {
        const reached = this.from.second + Math.floor(((this.now() - this.from.moment) * this.speed) / 1000);
        const newest = this.newest();
        const next = Math.max(this.at, Math.min(reached, newest));
        this.isWaiting = !this.isLoaded(next);
        if (this.isWaiting) this.#rebase();
        else this.at = next;
        if (!this.isWaiting && next >= newest) {
            this.#stop();
            this.hasEnded = true;
        }
        this.#changed("play");
        this.#schedule();
    }

    #changed(cause) {
        this.onChange(this, cause);
    }
}
