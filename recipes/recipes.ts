/** The recipes there are. */
import type { Model } from "../models/model.ts";
import { cifar10Recipe } from "./cifar10.ts";
import { cifar10BetterRecipe } from "./cifar10_better.ts";
import { imagesRecipe } from "./images.ts";
import { musicRecipe } from "./music/music.ts";
import { vaeRecipe } from "./pictures/vae.ts";
import { poemsRecipe } from "./poems/poems.ts";
import { textClassesRecipe } from "./text_classes/text_classes.ts";
import type { Maker, Recipe } from "./recipe.ts";
import { audioRecipe } from "./sound/audio.ts";
import { tunesRecipe } from "./tunes/tunes.ts";
import { textRecipe } from "./text/text.ts";
import { soundRecipe } from "./sound/sound.ts";

/** What `train` does when nothing is named, and what runs and models were made with that name no recipe: the worked example. */
export const defaultRecipe: Recipe = cifar10Recipe;

/** All recipes. */
export const recipes: readonly Recipe[] = [
  cifar10Recipe,
  cifar10BetterRecipe,
  imagesRecipe,
  vaeRecipe,
  textRecipe,
  poemsRecipe,
  textClassesRecipe,
  musicRecipe,
  tunesRecipe,
  soundRecipe,
  audioRecipe,
];

/** What `generate` can make; each by the recipes whose models make it. */
export const makers: ReadonlyMap<Maker, readonly Recipe[]> = Map.groupBy(
  recipes.filter((recipe) => recipe.maker),
  (recipe) => recipe.maker!,
);

/** The recipe of that name. */
export const findRecipe = (name: string): Recipe | undefined =>
  recipes.find((recipe) => recipe.name === name);

/** The recipe that made a model. */
export const recipeOfModel = ({ info }: Model): Recipe => findRecipe(info.recipe ?? "") ?? defaultRecipe;
