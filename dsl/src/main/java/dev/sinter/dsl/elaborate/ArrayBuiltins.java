package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Builtins that move elements: joining, cutting, padding, filling.
final class ArrayBuiltins {
  private ArrayBuiltins() {}

  static void addTo(Map<String, Builtin> table) {
    table.put("concat", ArrayBuiltins::concat);
    table.put("stack", ArrayBuiltins::stack);
    table.put("split", ArrayBuiltins::split);
    table.put("write", ArrayBuiltins::write);
    table.put("gather", ArrayBuiltins::gather);
    table.put("pad", ArrayBuiltins::pad);
    table.put("cumsum", ArrayBuiltins::cumsum);
    table.put("one_hot", ArrayBuiltins::oneHot);
    table.put("fill", site -> new Datum.Shapeless((type, b) -> filled(site, type, b)));
    table.put(
        "iota",
        site -> {
          site.only(0, "axis");
          return new Datum.Shapeless((type, b) ->
              new Datum.Tensor(
                  b.builder()
                      .add(
                          new Iota(
                              type.dtype(), site.axis(0, "axis", type.rank(), -1), type.shape()))));
        });
  }

  private static Datum.Tensor filled(CallSite site, TensorType type, Build build) {
    site.only(1, "value");
    Value value = Arithmetic.tensor(site.datum(0, "value"), type.dtype(), site.span(), build);
    return new Datum.Tensor(Arithmetic.broadcast(value, type.shape(), build));
  }

  private static List<Value> parts(CallSite site) {
    List<Value> parts = new ArrayList<>();
    for (Datum.Argued argument : site.arguments()) {
      if (argument.name().isEmpty()) {
        List<Datum> data =
            argument.value() instanceof Datum.Many(List<Datum> elements)
                ? elements
                : List.of(argument.value());
        parts.addAll(Statements.tensors(data, argument.span(), site.build()));
      }
    }
    if (parts.isEmpty()) {
      throw Faults.of(
          DiagnosticCode.WRONG_ARGUMENTS, site.span(), "`" + site.name() + "` of nothing");
    }
    return parts;
  }

  private static Datum concat(CallSite site) {
    site.only(Integer.MAX_VALUE, "axis");
    List<Value> parts = parts(site);
    int axis = site.axis(-1, "axis", parts.getFirst().type().rank(), 0);
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(),
            () ->
                site.build().builder().add(new Concat(axis), parts, List.of(), "concat").result()));
  }

  private static Datum stack(CallSite site) {
    site.only(Integer.MAX_VALUE);
    List<Value> parts = parts(site);
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> Subscripts.stack(parts, site.build())));
  }

  private static Datum split(CallSite site) {
    site.only(2, "x", "parts", "axis");
    Value x = site.tensor(0, "x");
    long parts = site.integer(1, "parts");
    int axis = site.axis(2, "axis", x.type().rank(), -1);
    Dim size = x.type().dim(axis).floorDiv(Math.max(1, parts));
    if (parts < 1 || !site.build().facts().equal(size.times(parts), x.type().dim(axis))) {
      throw Faults.of(
          DiagnosticCode.INEXACT_DIVISION,
          site.span(),
          "an axis of size " + x.type().dim(axis) + " is not split into " + parts + " equal parts");
    }
    List<Datum> out = new ArrayList<>();
    for (long part = 0; part < parts; part++) {
      List<Dim> starts = new ArrayList<>(Collections.nCopies(x.type().rank(), Dim.ZERO));
      starts.set(axis, size.times(part));
      List<Dim> sizes = new ArrayList<>(x.type().shape());
      sizes.set(axis, size);
      out.add(
          new Datum.Tensor(
              site.build()
                  .builder()
                  .add(new Slice(starts, sizes, Collections.nCopies(sizes.size(), 1L)), x)));
    }
    return new Datum.Tuple(out, List.of());
  }

  private static Datum write(CallSite site) {
    site.only(2, "base", "value", "axis", "at");
    Value base = site.tensor(0, "base");
    Value value = site.tensor(1, "value");
    int axis = site.axis(2, "axis", base.type().rank(), 0);
    Value at = site.tensor(3, "at", DType.I32);
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(), () -> site.build().builder().add(new UpdateSlice(axis), base, value, at)));
  }

  private static Datum gather(CallSite site) {
    site.only(2, "x", "indices", "axis");
    Value x = site.tensor(0, "x");
    Value indices = site.tensor(1, "indices", DType.I32);
    int axis = site.axis(2, "axis", x.type().rank(), 0);
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(), () -> site.build().builder().add(new Gather(axis), x, indices)));
  }

  /// `pad(x, 1)`: zeros around the last two axes; `pad(x, low, high, axis = a)`: along one.
  private static Datum pad(CallSite site) {
    site.only(3, "x", "low", "high", "axis", "value");
    Value x = site.tensor(0, "x");
    int rank = x.type().rank();
    Dim low = site.size(1, "low");
    Dim high = site.find(2, "high").isPresent() ? site.size(2, "high") : low;
    List<Integer> axes =
        site.find(-1, "axis").isPresent()
            ? List.of(site.axis(-1, "axis", rank, 0))
            : IntStream.range(Math.max(0, rank - 2), rank).boxed().toList();
    List<Dim> lows = new ArrayList<>();
    List<Dim> highs = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      lows.add(axes.contains(i) ? low : Dim.ZERO);
      highs.add(axes.contains(i) ? high : Dim.ZERO);
    }
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(),
            () ->
                site.build()
                    .builder()
                    .add(
                        new Pad(
                            lows, highs, Collections.nCopies(rank, 0L), site.real(-1, "value", 0)),
                        x)));
  }

  private static Datum cumsum(CallSite site) {
    site.only(1, "x", "axis");
    Value x = site.tensor(0, "x");
    int axis = site.axis(1, "axis", x.type().rank(), -1);
    return new Datum.Tensor(
        site.build()
            .builder()
            .add(new Cumulative(Reducer.SUM, axis, false, false, x.type().dtype().compute()), x));
  }

  /// 1 where the last axis is the label, else 0.
  private static Datum oneHot(CallSite site) {
    site.only(2, "labels", "classes");
    Value labels = site.tensor(0, "labels", DType.I32);
    Dim classes = site.size(1, "classes");
    List<Dim> shape = new ArrayList<>(labels.type().shape());
    int rank = shape.size();
    shape.add(classes);
    Build build = site.build();
    try {
      Value spread =
          build
              .builder()
              .add(new Broadcast(IntStream.range(0, rank).boxed().toList(), shape), labels);
      Value numbers = build.builder().add(new Iota(labels.type().dtype(), rank, shape));
      Value same = build.builder().add(Pointwise.EQ, spread, numbers);
      return new Datum.Tensor(build.builder().add(new Cast(DType.F32), same));
    } catch (OpException e) {
      throw Faults.of(DiagnosticCode.SHAPES_DIFFER, site.span(), String.valueOf(e.getMessage()));
    }
  }
}
