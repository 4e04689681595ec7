package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Extern;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.BitCast;
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
    table.put("bit_cast", ArrayBuiltins::bitCast);
    table.put("reshape", ArrayBuiltins::reshape);
    table.put("cumsum", site -> cumulative(site, Reducer.SUM));
    table.put("cumprod", site -> cumulative(site, Reducer.PRODUCT));
    table.put("cummax", site -> cumulative(site, Reducer.MAX));
    table.put("cummin", site -> cumulative(site, Reducer.MIN));
    table.put("sort", ArrayBuiltins::sort);
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

  /// `bit_cast(x, i32)`: the bits of each element, read as another type.
  private static Datum bitCast(CallSite site) {
    site.only(2, "x", "dtype");
    Value x = site.tensor(0, "x");
    if (!(site.datum(1, "dtype") instanceof Datum.Type(DType dtype))) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND, site.span(), "`bit_cast` takes a tensor and a dtype");
    }
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> site.build().builder().add(new BitCast(dtype), x)));
  }

  /// `reshape(x, [N, 4, 2])`: the same elements in the same order under other sizes.
  private static Datum reshape(CallSite site) {
    site.only(2, "x", "sizes");
    Value x = site.tensor(0, "x");
    List<Dim> sizes = site.sizes(1, "sizes");
    Dim size = x.type().size();
    if (!site.build().facts().equal(size, Dim.product(sizes))) {
      throw Faults.of(
          DiagnosticCode.SIZES_DIFFER,
          site.span(),
          "the sizes "
              + sizes
              + " are of "
              + Dim.product(sizes)
              + " elements, "
              + x.type()
              + " has "
              + size);
    }
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> Rearrange.reshape(x, sizes, site.build())));
  }

  /// `pad(x, 1)`: zeros around the last two axes; `pad(x, low, high, axis = a)`: along one; `pad(x,
  /// [0, 1], [2, 0])`: numbers for each axis.
  private static Datum pad(CallSite site) {
    site.only(3, "x", "low", "high", "axis", "value");
    Value x = site.tensor(0, "x");
    int rank = x.type().rank();
    List<Integer> axes =
        site.find(-1, "axis").isPresent()
            ? List.of(site.axis(-1, "axis", rank, 0))
            : IntStream.range(Math.max(0, rank - 2), rank).boxed().toList();
    List<Dim> lows = pads(site, 1, "low", rank, axes);
    List<Dim> highs = site.find(2, "high").isPresent() ? pads(site, 2, "high", rank, axes) : lows;
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

  private static List<Dim> pads(
      CallSite site, int position, String name, int rank, List<Integer> axes) {
    if (site.datum(position, name) instanceof Datum.Many) {
      List<Dim> each = site.sizes(position, name);
      if (each.size() != rank) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            site.span(),
            "`" + name + "` has " + each.size() + " numbers for " + rank + " axes");
      }
      return each;
    }
    Dim same = site.size(position, name);
    return IntStream.range(0, rank).mapToObj(i -> axes.contains(i) ? same : Dim.ZERO).toList();
  }

  /// `cumsum(x, axis = 1, exclusive = true, reverse = true)` and its like.
  private static Datum cumulative(CallSite site, Reducer reducer) {
    site.only(1, "x", "axis", "exclusive", "reverse");
    Value x = site.tensor(0, "x");
    int axis = site.axis(1, "axis", x.type().rank(), -1);
    Cumulative op =
        new Cumulative(
            reducer,
            axis,
            site.truth(-1, "exclusive", false),
            site.truth(-1, "reverse", false),
            x.type().dtype().compute());
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> site.build().builder().add(op, x)));
  }

  /// `values, places = sort(x)`: along the last axis, the largest first, equal ones in their order;
  /// the places are `i64`.
  private static Datum sort(CallSite site) {
    site.only(1, "x");
    Value x = site.tensor(0, "x");
    if (x.type().rank() == 0) {
      throw Faults.of(DiagnosticCode.RANKS_DIFFER, site.span(), "`sort` of a scalar");
    }
    return Datum.results(site.build().builder().add(Extern.SORT, List.of(x), List.of(), "sorted"));
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
