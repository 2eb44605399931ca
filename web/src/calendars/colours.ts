import { tokens } from '@fluentui/react-components';

/** How one calendar looks in light and dark: background, text upon it, and a line of full strength. */
export interface Colour {
  readonly back: string;
  readonly text: string;
  readonly line: string;
}

const colour = (back: string, text: string, line: string): Colour => ({ back, text, line });

export const BRAND = colour(
  tokens.colorPaletteLightTealBackground2,
  tokens.colorPaletteLightTealForeground2,
  tokens.colorPaletteLightTealBorderActive,
);

const PALETTE = {
  blue: colour(
    tokens.colorPaletteBlueBackground2,
    tokens.colorPaletteBlueForeground2,
    tokens.colorPaletteBlueBorderActive,
  ),
  forest: colour(
    tokens.colorPaletteForestBackground2,
    tokens.colorPaletteForestForeground2,
    tokens.colorPaletteForestBorderActive,
  ),
  peach: colour(
    tokens.colorPalettePeachBackground2,
    tokens.colorPalettePeachForeground2,
    tokens.colorPalettePeachBorderActive,
  ),
  steel: colour(
    tokens.colorPaletteSteelBackground2,
    tokens.colorPaletteSteelForeground2,
    tokens.colorPaletteSteelBorderActive,
  ),
  gold: colour(
    tokens.colorPaletteGoldBackground2,
    tokens.colorPaletteGoldForeground2,
    tokens.colorPaletteGoldBorderActive,
  ),
  purple: colour(
    tokens.colorPalettePurpleBackground2,
    tokens.colorPalettePurpleForeground2,
    tokens.colorPalettePurpleBorderActive,
  ),
  pink: colour(
    tokens.colorPalettePinkBackground2,
    tokens.colorPalettePinkForeground2,
    tokens.colorPalettePinkBorderActive,
  ),
  brown: colour(
    tokens.colorPaletteBrownBackground2,
    tokens.colorPaletteBrownForeground2,
    tokens.colorPaletteBrownBorderActive,
  ),
  cranberry: colour(
    tokens.colorPaletteCranberryBackground2,
    tokens.colorPaletteCranberryForeground2,
    tokens.colorPaletteCranberryBorderActive,
  ),
  navy: colour(
    tokens.colorPaletteNavyBackground2,
    tokens.colorPaletteNavyForeground2,
    tokens.colorPaletteNavyBorderActive,
  ),
  plum: colour(
    tokens.colorPalettePlumBackground2,
    tokens.colorPalettePlumForeground2,
    tokens.colorPalettePlumBorderActive,
  ),
  grape: colour(
    tokens.colorPaletteGrapeBackground2,
    tokens.colorPaletteGrapeForeground2,
    tokens.colorPaletteGrapeBorderActive,
  ),
} as const;

/** Graph's `calendarColor`, each with the nearest of the component library's own colours. */
const NAMED: Readonly<Record<string, Colour>> = {
  lightBlue: PALETTE.blue,
  lightGreen: PALETTE.forest,
  lightOrange: PALETTE.peach,
  lightGray: PALETTE.steel,
  lightYellow: PALETTE.gold,
  lightTeal: BRAND,
  lightPink: PALETTE.pink,
  lightBrown: PALETTE.brown,
  lightRed: PALETTE.cranberry,
  maxColor: PALETTE.purple,
};

/** What the owner may choose, in the order it is offered. */
export const CALENDAR_COLOURS = ['auto', ...Object.keys(NAMED).filter((name) => name !== 'maxColor')] as const;

const IN_TURN = [
  PALETTE.purple,
  PALETTE.peach,
  PALETTE.navy,
  PALETTE.forest,
  PALETTE.plum,
  PALETTE.gold,
  PALETTE.grape,
];

/** The colour of a calendar: the owner's choice; without one, the brand's for the first and others in turn. */
export const colourOf = (name: string | undefined, place: number): Colour =>
  NAMED[name ?? ''] ?? (place === 0 ? BRAND : IN_TURN[(place - 1) % IN_TURN.length]!);
