import type { AgreeingPair } from './agreeing.ts';
import { agreementEffects } from './agreement-effects.ts';
import { agreementSettings } from './agreement-settings.ts';
import { agreementTexts } from './agreement-texts.ts';

/** The acceptance of agreements, told over two organisations wherever they are. `pair` is there once a test runs. */
export function agreementStories(pair: () => AgreeingPair): void {
  agreementEffects(pair);
  agreementSettings(pair);
  // They end with both parting.
  agreementTexts(pair);
}
