package dev.sinter.ir.op;

import static dev.sinter.ir.op.Nd.get;
import static dev.sinter.ir.op.Nd.ints;
import static dev.sinter.ir.op.Nd.random;
import static dev.sinter.ir.op.Nd.scalar;
import static dev.sinter.ir.op.Nd.with;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// At least one case for each composite op.
final class CompositeCases {
  private CompositeCases() {}

  private static long[] shape(long... sizes) {
    return sizes;
  }

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(exponentials());
    cases.addAll(norms());
    cases.addAll(attentions());
    cases.add(call());
    return cases;
  }

  private static double sumExp(Tensor x, int[] at, int axis) {
    return Nd.sum(shape(x.dim(axis)), k -> Math.exp(get(x, with(at, axis, k[0]))));
  }

  private static List<OpCase> exponentials() {
    Tensor x = random(41, 3, 5);
    Tensor labels = ints(shape(3), 4, -1, 0);
    return List.of(
        OpCase.of(
            new Softmax(1), Nd.of(shape(3, 5), at -> Math.exp(get(x, at)) / sumExp(x, at, 1)), x),
        OpCase.of(
            new LogSoftmax(0),
            Nd.of(shape(3, 5), at -> get(x, at) - Math.log(sumExp(x, at, 0))),
            x),
        OpCase.of(
            new LogSumExp(1),
            Nd.of(shape(3), at -> Math.log(sumExp(x, new int[] {at[0], 0}, 1))),
            x),
        OpCase.of(
            new Argmax(1, DType.I64),
            Nd.of(
                shape(3),
                at -> {
                  int best = 0;
                  for (int k = 1; k < 5; k++) {
                    best = get(x, at[0], k) > get(x, at[0], best) ? k : best;
                  }
                  return best;
                }),
            x),
        OpCase.of(
            new CrossEntropy(1),
            Nd.of(
                shape(3),
                at -> {
                  int label = (int) get(labels, at[0]);
                  return label < 0
                      ? 0
                      : Math.log(sumExp(x, new int[] {at[0], 0}, 1)) - get(x, at[0], label);
                }),
            x,
            labels));
  }

  private static double normalized(Tensor x, int[] at, boolean centered) {
    double mean = centered ? Nd.sum(shape(3, 4), k -> get(x, at[0], k[0], k[1])) / 12 : 0;
    double square = Nd.sum(shape(3, 4), k -> Math.pow(get(x, at[0], k[0], k[1]) - mean, 2)) / 12;
    return (get(x, at) - mean) / Math.sqrt(square + 0.01);
  }

  private static List<OpCase> norms() {
    Tensor x = random(42, 2, 3, 4);
    Tensor factor = random(43, 3, 4);
    Tensor summand = random(44, 3, 4);
    List<Integer> axes = List.of(1, 2);
    return List.of(
        OpCase.of(new LayerNorm(axes, 0.01), Nd.of(x.shape(), at -> normalized(x, at, true)), x),
        OpCase.of(
            new LayerNorm(axes, 0.01),
            Nd.of(
                x.shape(),
                at ->
                    normalized(x, at, true) * get(factor, at[1], at[2])
                        + get(summand, at[1], at[2])),
            x,
            factor,
            summand),
        OpCase.of(new RmsNorm(axes, 0.01), Nd.of(x.shape(), at -> normalized(x, at, false)), x),
        OpCase.of(
            new RmsNorm(axes, 0.01),
            Nd.of(x.shape(), at -> normalized(x, at, false) * get(factor, at[1], at[2])),
            x,
            factor));
  }

  private static double score(
      Tensor q, Tensor k, @Nullable Tensor mask, int start, int n, int r, int t, int s) {
    boolean seen = s <= start + t && (mask == null || get(mask, t, s) != 0);
    return seen
        ? 0.5 * Nd.sum(shape(q.dim(3)), i -> get(q, n, r, t, i[0]) * get(k, n, s, i[0]))
        : Double.NEGATIVE_INFINITY;
  }

  private static List<OpCase> attentions() {
    Tensor q = random(45, 2, 2, 3, 4);
    Tensor k = random(46, 2, 5, 4);
    Tensor v = random(47, 2, 5, 2);
    Tensor mask =
        Tensor.of(DType.BOOL, Nd.of(shape(3, 5), at -> (at[0] + at[1]) % 4 == 3 ? 0 : 1), 3, 5);
    Tensor flatQ = random(48, 3, 4);
    Tensor flatK = random(49, 5, 4);
    Tensor flatV = random(50, 5, 2);
    Tensor sum = random(51, 2, 2, 3);
    Tensor dot = random(52, 2, 2, 3);
    Tensor dy = random(53, 2, 2, 3, 2);
    return List.of(
        OpCase.of(new Attention(false, false, 0.5), attention(q, k, v, null, 9), q, k, v),
        OpCase.of(new Attention(true, false, 0.5), attention(q, k, v, null, 1), q, k, v, scalar(1)),
        OpCase.of(
            new Attention(true, true, 0.5), attention(q, k, v, mask, 1), q, k, v, scalar(1), mask),
        OpCase.of(
            new Attention(false, false, 0.5),
            attention(lead(flatQ, 2), lead(flatK, 1), lead(flatV, 1), null, 9),
            flatQ,
            flatK,
            flatV),
        OpCase.of(
            new AttentionGrad(true, false, 0.5),
            Nd.of(
                q.shape(),
                at ->
                    Nd.sum(
                        shape(5),
                        s -> {
                          double weight =
                              Math.exp(
                                  score(q, k, null, 1, at[0], at[1], at[2], s[0])
                                      - get(sum, at[0], at[1], at[2]));
                          double d =
                              Nd.sum(
                                  shape(2),
                                  i ->
                                      get(dy, at[0], at[1], at[2], i[0])
                                          * get(v, at[0], s[0], i[0]));
                          return 0.5
                              * weight
                              * (d - get(dot, at[0], at[1], at[2]))
                              * get(k, at[0], s[0], at[3]);
                        })),
            q,
            k,
            v,
            scalar(1),
            sum,
            dot,
            dy));
  }

  /// The same elements with `count` axes of size 1 before the others.
  private static Tensor lead(Tensor x, int count) {
    long[] shape = new long[count + x.rank()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = i < count ? 1 : x.dim(i - count);
    }
    return Tensor.of(DType.F64, x.toDoubleArray(), shape);
  }

  private static double[] attention(
      Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, int start) {
    return Nd.of(
        shape(q.dim(0), q.dim(1), q.dim(2), v.dim(2)),
        at -> {
          double above = 0;
          double below = 0;
          for (int s = 0; s < k.dim(1); s++) {
            double e = Math.exp(score(q, k, mask, start, at[0], at[1], at[2], s));
            above += e * get(v, at[0], s, at[3]);
            below += e;
          }
          return above / below;
        });
  }

  /// A function without a gradient of its own: `x * sin(y)`.
  private static OpCase call() {
    Tensor x = random(54, 4);
    Tensor y = random(55, 4);
    GraphBuilder b = new GraphBuilder();
    Value p = b.parameter(OpCase.f64(4), "p");
    Value q = b.parameter(OpCase.f64(4), "q");
    return OpCase.of(
            new Call("wave"), Nd.of(shape(4), at -> get(x, at) * Math.sin(get(y, at))), x, y)
        .with(b.region(List.of(b.add(Pointwise.MUL, p, b.add(Pointwise.SIN, q)))));
  }
}
