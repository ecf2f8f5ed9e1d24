/// The JSON of one case that was decided: by `plumb layer`, `plumb fuzz --replay` and the C interface.
package struct CaseReport: Encodable {
  let schema = 1
  let layer: String
  /// The command that computed the output; `nil` where it was the engine here.
  let engine: String?
  let arithmetic: String
  let drift: LocalDrift
  /// The numbers of times that it was decided, and that it failed.
  let replays, failed: Int

  package init(layer: String, engine: String?, arithmetic: String, drift: LocalDrift, replays: Int, failed: Int) {
    (self.layer, self.engine, self.arithmetic, self.drift) = (layer, engine, arithmetic, drift)
    (self.replays, self.failed) = (replays, failed)
  }

  private enum CodingKeys: CodingKey { case schema, layer, engine, arithmetic, kind, what, replays, failed }

  /// The keys of the drift, and its own beside them.
  package func encode(to encoder: any Encoder) throws {
    try drift.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(layer, forKey: .layer)
    try container.encodeIfPresent(engine, forKey: .engine)
    try container.encode(arithmetic, forKey: .arithmetic)
    try container.encodeIfPresent(drift.failure, forKey: .kind)
    try container.encodeIfPresent(drift.failureText, forKey: .what)
    try container.encode(replays, forKey: .replays)
    try container.encode(failed, forKey: .failed)
  }
}
