/// The fast transformer: every layer in Float32, on the weights as they are stored.
///
/// The same bits come out whatever the number of threads, the chunks in which a prompt is read, and whether a token's
/// predecessors were read with it or lie in the cache. `Engine.SummationTree` states in which order terms are added,
/// `EngineAccuracy` and the functions beside it how accurate everything else is.
package enum Engine {}
