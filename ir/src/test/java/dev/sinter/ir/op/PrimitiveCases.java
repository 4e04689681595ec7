package dev.sinter.ir.op;

import static dev.sinter.ir.op.Nd.get;
import static dev.sinter.ir.op.Nd.ints;
import static dev.sinter.ir.op.Nd.positive;
import static dev.sinter.ir.op.Nd.random;
import static dev.sinter.ir.op.Nd.scalar;
import static dev.sinter.ir.op.Nd.with;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;

/// At least one case for each primitive op but those over windows.
final class PrimitiveCases {
  private static final Dim N = Dim.symbol("N");

  private PrimitiveCases() {}

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static List<Dim> dims(long... sizes) {
    List<Dim> out = new ArrayList<>();
    for (long size : sizes) {
      out.add(Dim.of(size));
    }
    return out;
  }

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(moves());
    cases.addAll(picks());
    cases.addAll(sums());
    cases.addAll(sources());
    cases.addAll(notations());
    return cases;
  }

  private static List<OpCase> moves() {
    Tensor x = random(1, 3, 4);
    Tensor y = random(2, 3, 2);
    Tensor z = random(22, 3, 2);
    return List.of(
        OpCase.of(new Transpose(List.of(1, 0)), Nd.of(shape(4, 3), at -> get(x, at[1], at[0])), x),
        OpCase.of(
            new Broadcast(List.of(1, 2), dims(2, 3, 4)),
            Nd.of(shape(2, 3, 4), at -> get(x, at[1], at[2])),
            x),
        OpCase.of(new Reshape(dims(2, 6)), x.toDoubleArray(), x),
        OpCase.of(new Reshape(dims(1, 3, 1, 4)), x.toDoubleArray(), x),
        OpCase.of(new Reshape(List.of(N, Dim.of(2), Dim.of(2))), x.toDoubleArray(), x)
            .typed(TensorType.of(DType.F64, N, Dim.of(4))),
        OpCase.of(new Reshape(List.of(N.times(4))), x.toDoubleArray(), x)
            .typed(TensorType.of(DType.F64, N, Dim.of(4))),
        OpCase.of(new Reshape(List.of(Dim.of(2), N.times(2))), x.toDoubleArray(), x)
            .typed(TensorType.of(DType.F64, N, Dim.of(4))),
        OpCase.of(new Cast(DType.F32), x.toDoubleArray(), x),
        OpCase.of(
            new Slice(dims(0, 1), dims(2, 2), List.of(2L, 2L)),
            Nd.of(shape(2, 2), at -> get(x, 2 * at[0], 1 + 2 * at[1])),
            x),
        OpCase.of(
                new Slice(List.of(N.minus(1), Dim.of(3)), List.of(N, Dim.of(2)), List.of(-1L, -2L)),
                Nd.of(shape(3, 2), at -> get(x, 2 - at[0], 3 - 2 * at[1])),
                x)
            .typed(TensorType.of(DType.F64, N, Dim.of(4))),
        OpCase.of(
            new Pad(dims(1, 0), dims(2, 1), List.of(0L, 2L), 0.5),
            Nd.of(
                shape(6, 11),
                at ->
                    at[0] >= 1 && at[0] < 4 && at[1] % 3 == 0 && at[1] < 10
                        ? get(x, at[0] - 1, at[1] / 3)
                        : 0.5),
            x),
        OpCase.of(
            new Concat(1),
            Nd.of(
                shape(3, 8),
                at ->
                    at[1] < 4
                        ? get(x, at)
                        : at[1] < 6 ? get(y, at[0], at[1] - 4) : get(y, at[0], at[1] - 6)),
            x,
            y,
            y),
        OpCase.of(
            new Interleave(1, 2),
            Nd.of(shape(3, 4), at -> get(at[1] % 2 == 0 ? y : z, at[0], at[1] / 2)),
            y,
            z));
  }

  private static List<OpCase> picks() {
    Tensor x = random(3, 5, 2);
    Tensor cube = random(4, 2, 5, 3);
    Tensor update = random(5, 2, 2);
    Tensor indices = ints(shape(2, 2), 4, 1, -7, 9);
    int[] moved = {4, 1, 0, 4};
    Tensor slices = random(6, 2, 2, 2, 3);
    return List.of(
        OpCase.of(
            new DynamicSlice(0, Dim.of(2)),
            Nd.of(shape(2, 2), at -> get(x, 2 + at[0], at[1])),
            x,
            scalar(2)),
        OpCase.of(
            new DynamicSlice(0, Dim.of(2)),
            Nd.of(shape(2, 2), at -> get(x, 3 + at[0], at[1])),
            x,
            scalar(100)),
        OpCase.of(
            new UpdateSlice(0),
            Nd.of(
                shape(5, 2),
                at -> at[0] == 1 || at[0] == 2 ? get(update, at[0] - 1, at[1]) : get(x, at)),
            x,
            update,
            scalar(1)),
        OpCase.of(
            new UpdateSlice(0),
            Nd.of(shape(5, 2), at -> at[0] < 2 ? get(update, at) : get(x, at)),
            x,
            update,
            Tensor.of(DType.I64, new double[] {-3})),
        OpCase.of(
            new Gather(1),
            Nd.of(shape(2, 2, 2, 3), at -> get(cube, at[0], moved[2 * at[1] + at[2]], at[3])),
            cube,
            indices),
        OpCase.of(
            new Scatter(1, Dim.of(5)),
            Nd.of(
                shape(2, 5, 3),
                at ->
                    Nd.sum(
                        shape(2, 2),
                        i ->
                            moved[2 * i[0] + i[1]] == at[1]
                                ? get(slices, at[0], i[0], i[1], at[2])
                                : 0)),
            indices,
            slices));
  }

  private static List<OpCase> sums() {
    Tensor x = random(7, 3, 4);
    Tensor y = random(8, 4, 2);
    Tensor zeros = x.copy();
    zeros.setDouble(1, 0);
    Tensor two = zeros.copy();
    two.setDouble(2, 0);
    List<OpCase> cases = new ArrayList<>();
    cases.add(
        OpCase.of(
            new Reduce(Reducer.SUM, List.of(0), DType.F64),
            Nd.of(shape(4), at -> Nd.sum(shape(3), k -> get(x, k[0], at[0]))),
            x));
    cases.add(
        OpCase.of(
            new Reduce(Reducer.MAX, List.of(1), DType.F64),
            Nd.of(shape(3), at -> java.util.Arrays.stream(row(x, at[0])).max().orElseThrow()),
            x));
    cases.add(
        OpCase.of(
            new Reduce(Reducer.MIN, List.of(0, 1), DType.F64),
            new double[] {java.util.Arrays.stream(x.toDoubleArray()).min().orElseThrow()},
            x));
    for (Tensor factors : List.of(x, zeros, two)) {
      cases.add(
          OpCase.of(
              new Reduce(Reducer.PRODUCT, List.of(1), DType.F64),
              Nd.of(
                  shape(3),
                  at -> java.util.Arrays.stream(row(factors, at[0])).reduce(1, (a, b) -> a * b)),
              factors));
    }
    cases.add(
        OpCase.of(
            new Reduce(Reducer.PRODUCT, List.of(0, 1), DType.F64),
            new double[] {java.util.Arrays.stream(x.toDoubleArray()).reduce(1, (a, b) -> a * b)},
            x));
    cases.add(
        OpCase.of(
            new Contract("mk", "kn", "nm", DType.F64),
            Nd.of(
                shape(2, 3),
                at -> Nd.sum(shape(4), k -> get(x, at[1], k[0]) * get(y, k[0], at[0]))),
            x,
            y));
    Tensor whole = Tensor.zeros(DType.I8, 4, 2);
    for (long i = 0; i < whole.size(); i++) {
      whole.setLong(i, 5 * i - 17);
    }
    cases.add(
        OpCase.of(
            new Contract("mk", "kn", "mn", DType.F64),
            Nd.of(
                shape(3, 2),
                at -> Nd.sum(shape(4), k -> get(x, at[0], k[0]) * get(whole, k[0], at[1]))),
            x,
            whole));
    Tensor a = random(9, 2, 3, 4);
    Tensor c = random(10, 2, 4);
    // A batch axis, an axis that only the left has and that is summed, and one that it keeps.
    cases.add(
        OpCase.of(
            new Contract("bij", "bj", "bj", DType.F64),
            Nd.of(
                shape(2, 4),
                at -> Nd.sum(shape(3), k -> get(a, at[0], k[0], at[1]) * get(c, at[0], at[1]))),
            a,
            c));
    for (boolean reverse : new boolean[] {false, true}) {
      for (boolean exclusive : new boolean[] {false, true}) {
        for (Reducer reducer : List.of(Reducer.SUM, Reducer.PRODUCT)) {
          cases.add(
              OpCase.of(
                  new Cumulative(reducer, 1, exclusive, reverse, DType.F64),
                  cumulative(zeros, reducer, exclusive, reverse),
                  zeros));
        }
      }
      for (Reducer reducer : List.of(Reducer.MAX, Reducer.MIN)) {
        cases.add(
            OpCase.of(
                new Cumulative(reducer, 1, false, reverse, DType.F64),
                cumulative(x, reducer, false, reverse),
                x));
      }
    }
    return cases;
  }

  private static double[] row(Tensor x, int row) {
    return Nd.of(shape(x.dim(1)), at -> get(x, row, at[0]));
  }

  private static double[] cumulative(
      Tensor x, Reducer reducer, boolean exclusive, boolean reverse) {
    return Nd.of(
        x.shape(),
        at -> {
          double y = reducer.identity();
          for (int k = 0; k < x.dim(1); k++) {
            int distance = reverse ? k - at[1] : at[1] - k;
            if (distance > 0 || (distance == 0 && !exclusive)) {
              double e = get(x, with(at, 1, k));
              y =
                  switch (reducer) {
                    case SUM -> y + e;
                    case PRODUCT -> y * e;
                    case MAX -> Math.max(y, e);
                    case MIN -> Math.min(y, e);
                    case ANY, ALL -> throw new IllegalArgumentException();
                  };
            }
          }
          return y;
        });
  }

  private static List<OpCase> sources() {
    Tensor key = Tensor.of(DType.U32, new double[] {7, 0xfedcba98L}, 2);
    Tensor table = random(11, 3, 2);
    return List.of(
        OpCase.of(new Fill(DType.F64, 2.5, 0, dims(2, 2)), new double[] {2.5, 2.5, 2.5, 2.5}),
        OpCase.of(new Constant(table), table.toDoubleArray()),
        OpCase.of(new Iota(DType.I32, 1, dims(2, 3)), Nd.of(shape(2, 3), at -> at[1])),
        OpCase.of(
                new RandomBits(dims(2, 3)),
                Nd.of(
                    shape(2, 3),
                    at -> ScalarMath.threefry(7, 0xfedcba98, 0, at[0] * 3 + at[1]) >>> 32),
                key)
            .withoutDerivative(),
        OpCase.of(
                new FoldKey(),
                Nd.of(shape(2), at -> ScalarMath.threefry(7, 0xfedcba98, 5, -1 - at[0]) >>> 32),
                key,
                scalar(5))
            .withoutDerivative());
  }

  private static Elem read(int operand, Dim... at) {
    return Elem.read(operand, List.of(at));
  }

  private static List<OpCase> notations() {
    Axis n = new Axis("%3", Dim.of(2));
    Axis l = new Axis("%1", Dim.of(5));
    Axis c = new Axis("%0", Dim.of(3));
    Axis k = new Axis("%2", Dim.of(3));
    Tensor x = random(12, 2, 3, 7);
    Tensor w = random(13, 3, 3);
    Elem convolved =
        new Elem.Reduce(
            Reducer.SUM,
            DType.F64,
            List.of(c, k),
            Elem.call(
                ScalarFn.MUL,
                read(0, n.index(), c.index(), l.index().plus(k.index())),
                read(1, c.index(), k.index())));
    Tensor image = random(14, 6, 4);
    Axis i = new Axis("%i", Dim.of(3));
    Axis j = new Axis("%j", Dim.of(2));
    Axis a = new Axis("%a", Dim.of(2));
    Axis b = new Axis("%b", Dim.of(2));
    Elem pooled =
        new Elem.Reduce(
            Reducer.MAX,
            DType.F64,
            List.of(a, b),
            read(0, i.index().times(2).plus(a.index()), j.index().times(2).plus(b.index())));
    Tensor p = random(15, 3, 4);
    Tensor q = random(16, 2, 4);
    Axis m = new Axis("%m", Dim.of(3));
    Axis o = new Axis("%o", Dim.of(2));
    Axis d = new Axis("%d", Dim.of(4));
    Elem difference =
        Elem.call(ScalarFn.SUB, read(0, m.index(), d.index()), read(1, o.index(), d.index()));
    Elem distance =
        Elem.call(
            ScalarFn.SQRT,
            new Elem.Reduce(
                Reducer.SUM,
                DType.F64,
                List.of(d),
                Elem.call(ScalarFn.MUL, difference, difference)));
    // Neighbours, guarded at the border, of a tensor also read in place.
    Axis t = new Axis("%t", Dim.of(7));
    Dim before = t.index().minus(1);
    Tensor line = positive(17, 7);
    Elem stencil =
        Elem.call(
            ScalarFn.ADD,
            Elem.call(
                ScalarFn.SELECT,
                Elem.call(
                    ScalarFn.GE,
                    new Elem.IndexValue(DType.I64, before),
                    Elem.literal(DType.I64, 0L)),
                Elem.call(ScalarFn.MUL, read(0, before), Elem.call(ScalarFn.LOG, read(0, before))),
                Elem.literal(DType.F64, 3.0)),
            Elem.call(
                ScalarFn.EXP,
                new Elem.Reduce(
                    Reducer.MAX,
                    DType.F64,
                    List.of(new Axis("%u", Dim.of(7))),
                    Elem.call(
                        ScalarFn.SIN,
                        Elem.call(ScalarFn.MUL, read(0, t.index()), read(0, Dim.symbol("%u")))))));
    Tensor places = ints(shape(4), 2, 0, 2, 1);
    Axis e = new Axis("%e", Dim.of(4));
    Elem picked =
        Elem.call(
            ScalarFn.MUL,
            new Elem.Read(0, List.of(new dev.sinter.ir.Index.Computed(read(1, e.index())))),
            read(2, e.index()));
    Tensor three = random(18, 3);
    Tensor four = random(19, 4);
    Axis diagonal = new Axis("%g", Dim.of(3));
    Tensor square = random(20, 3, 3);
    return List.of(
        OpCase.of(
            new Comprehension(List.of(n, l), convolved),
            Nd.of(
                shape(2, 5),
                at ->
                    Nd.sum(
                        shape(3, 3), r -> get(x, at[0], r[0], at[1] + r[1]) * get(w, r[0], r[1]))),
            x,
            w),
        OpCase.of(
            new Comprehension(List.of(i, j), pooled),
            Nd.of(
                shape(3, 2),
                at ->
                    Math.max(
                        Math.max(
                            get(image, 2 * at[0], 2 * at[1]), get(image, 2 * at[0], 2 * at[1] + 1)),
                        Math.max(
                            get(image, 2 * at[0] + 1, 2 * at[1]),
                            get(image, 2 * at[0] + 1, 2 * at[1] + 1)))),
            image),
        OpCase.of(
            new Comprehension(List.of(m, o), distance),
            Nd.of(
                shape(3, 2),
                at ->
                    Math.sqrt(
                        Nd.sum(
                            shape(4),
                            r -> Math.pow(get(p, at[0], r[0]) - get(q, at[1], r[0]), 2)))),
            p,
            q),
        OpCase.of(
            new Comprehension(List.of(t), stencil),
            Nd.of(
                shape(7),
                at -> {
                  double max = Double.NEGATIVE_INFINITY;
                  for (int u = 0; u < 7; u++) {
                    max = Math.max(max, Math.sin(get(line, at[0]) * get(line, u)));
                  }
                  double y = at[0] == 0 ? 1 : get(line, at[0] - 1);
                  return (at[0] == 0 ? 3 : y * Math.log(y)) + Math.exp(max);
                }),
            line),
        OpCase.of(
            new Comprehension(List.of(e), picked),
            Nd.of(shape(4), at -> get(three, (int) get(places, at[0])) * get(four, at[0])),
            three,
            places,
            four),
        OpCase.of(
            new Comprehension(
                List.of(diagonal),
                Elem.call(
                    ScalarFn.MUL,
                    read(0, diagonal.index(), diagonal.index()),
                    read(0, Dim.ZERO, Dim.of(2).minus(diagonal.index())))),
            Nd.of(shape(3), at -> get(square, at[0], at[0]) * get(square, 0, 2 - at[0])),
            square),
        OpCase.of(
            new Accumulate(
                Reducer.SUM,
                List.of(e),
                dims(3),
                List.of(read(1, e.index())),
                Elem.call(ScalarFn.EXP, read(0, e.index()))),
            Nd.of(
                shape(3),
                at ->
                    Nd.sum(
                        shape(4), r -> get(places, r[0]) == at[0] ? Math.exp(get(four, r[0])) : 0)),
            four,
            places),
        OpCase.of(
            new Accumulate(
                Reducer.PRODUCT,
                List.of(e),
                dims(3),
                List.of(read(1, e.index())),
                read(0, e.index())),
            Nd.of(
                shape(3),
                at -> Nd.product(shape(4), r -> get(places, r[0]) == at[0] ? get(four, r[0]) : 1)),
            four,
            places));
  }
}
