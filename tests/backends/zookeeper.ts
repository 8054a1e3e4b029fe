/**
 * ZooKeeper, alone.
 *
 * Touches: files, processes, the loopback network.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Folder } from "../support/sidecar.ts";
import { type Command, ServerProcess } from "../support/server.ts";
import { ZookeeperClient } from "./zookeeper_client.ts";

/** A server of ZooKeeper. Its keys are below one node: beside them the root has some of its own. */
export class ZookeeperServer extends ServerProcess {
  readonly env: Record<string, string>;
  readonly #settings: string;

  constructor(folder: Folder) {
    super(folder);
    this.env = { CONFD_BACKEND: "zookeeper", CONFD_NODE: this.address, SIDECAR_CONFD_ARGS: "--prefix=/app" };
    const lines = [
      "tickTime=500",
      `dataDir=${folder.at("zookeeper")}`,
      `clientPort=${this.port}`,
      "clientPortAddress=127.0.0.1",
      "admin.enableServer=false",
    ];
    this.#settings = folder.write("zoo.cfg", lines.join("\n") + "\n");
  }

  async put(keys: Record<string, string>): Promise<void> {
    using client = await ZookeeperClient.connect(this.port);
    for (const [key, value] of Object.entries(keys)) await client.put(`/app${key}`, value);
  }

  protected command(): Command {
    return { program: binaryOf("zookeeper"), args: [this.#settings] };
  }

  protected async ask(): Promise<void> {
    using client = await ZookeeperClient.connect(this.port);
    await client.put("/app", "");
  }
}
