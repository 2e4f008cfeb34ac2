/** `data`: where CIFAR-10 is, fetching it, checking it. */
import { locateCifar10, verifyCifar10 } from "../data/image/cifar10.ts";
import { cifar10Classes } from "../data/image/cifar10_files.ts";
import { chooseCifar10OrShapes, cifar10Needs, cifar10Options } from "../recipes/data/cifar10_or_shapes.ts";
import type { Command } from "./command.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { suggestion } from "./options/options.ts";
import { terminalHost } from "./terminal/host.ts";
import { print } from "./terminal/print.ts";
import { count, table } from "./terminal/terminal.ts";

const actions = ["where", "fetch", "verify"];

/** What is known of the pixels, to be said before the verdict. */
const pixelsSay = {
  "as fetched": "every file has the SHA-256 that it had when the official archive was unpacked",
  "not compared":
    "no SHA256SUMS is beside the files: colours are spread as in CIFAR-10, single pixels are not compared",
};

/** The command. */
export const data: Command = {
  name: "data",
  summary: "Say where CIFAR-10 is, fetch it, or check it.",
  operands: "where|fetch|verify",
  maxOperands: 1,
  permissions: { read: ["."], write: [".gesso"], net: ["www.cs.toronto.edu"], env: ["TERM"] },
  needs: (values) => cifar10Needs(values),
  options: cifar10Options.filter((o) => o.name !== "dataset"),
  run: async (values, [action = "where"]) => {
    const directory = values.text("data");
    if (action === "where") {
      const found = await locateCifar10({ data: directory });
      print(
        found.state === "missing"
          ? `missing: data fetch would put it in ${found.directory}`
          : found.directory,
      );
    } else if (action === "fetch") {
      await chooseCifar10OrShapes("cifar10", values, terminalHost());
    } else if (action === "verify") {
      const { train, test, pixels, directory: where } = await verifyCifar10({ data: directory });
      const rows = cifar10Classes.map((name, i) => [name, count(train[i]), count(test[i])]);
      const lines = table([["class", "training", "test"], ...rows]).split("\n");
      print(...lines, "", pixelsSay[pixels], `${where} is complete`);
    } else {
      throw new UsageError(
        `Cannot do "${action}": there are ${actions.join(", ")}${suggestion(action, actions, "")}`,
      );
    }
  },
};
