/// Every layer of a transformer exactly: the balls it returns contain the real numbers that the weights, the inputs and
/// the layer's formula define.
///
/// Rational layers stay exact on exact inputs: embedding, linear layers, residual additions, gates, weighted values.
/// Results are enclosures where a root or an exponential comes in, and on inputs that are balls already; their midpoints
/// carry at most `precision` bits. A layer throws where an input ball is too wide for the formula to be defined on all of
/// it; more precision, or narrower inputs, help.
package enum Reference {}
