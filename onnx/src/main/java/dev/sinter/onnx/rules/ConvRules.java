package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Convolutions.
final class ConvRules {
  private ConvRules() {}

  static void addTo(OpRules rules) {
    rules.add("Conv", op -> op.out(biased(op, conv(op, op.in(0), op.in(1)), 2)));
    rules.add("ConvTranspose", op -> op.out(biased(op, transposed(op), 2)));
  }

  /// The value plus a bias for each channel, where the operator has one.
  static Value biased(OpContext op, Value value, int input) {
    if (!op.has(input)) {
      return value;
    }
    Value bias = op.add(new Broadcast(List.of(1), value.type().shape()), op.in(input));
    return op.add(Pointwise.ADD, value, bias);
  }

  /// The convolution of `input` by `filter` that the attributes describe.
  static Value conv(OpContext op, Value input, Value filter) {
    TensorType x = input.type();
    TensorType w = filter.type();
    checkFilter(op, x, w);
    if (!op.agree(x.dim(1), w.dim(1).times(op.integer("group", 1)))) {
      throw op.fail("takes a filter %s of %s".formatted(w, x));
    }
    Sliding window = Sliding.of(op, x.shape().subList(2, x.rank()), w.shape().subList(2, w.rank()));
    return op.add(
        new Conv(
            window.strides(),
            window.lowAttribute(),
            window.highAttribute(),
            window.dilations(),
            op.integer("group", 1),
            x.dtype().compute()),
        window.padded(op, input, 0),
        filter);
  }

  private static void checkFilter(OpContext op, TensorType x, TensorType w) {
    if (x.rank() < 3 || x.rank() != w.rank()) {
      throw op.fail("takes a filter %s of %s".formatted(w, x));
    }
  }

  private static Value transposed(OpContext op) {
    TensorType x = op.type(0);
    TensorType w = op.type(1);
    checkFilter(op, x, w);
    int rank = x.rank() - 2;
    List<Long> strides = Sliding.each(op, "strides", rank);
    List<Long> dilations = Sliding.each(op, "dilations", rank);
    List<Long> none = Collections.nCopies(rank, 0L);
    List<Long> padLow = new ArrayList<>(none);
    List<Long> padHigh = new ArrayList<>(none);
    List<Dim> sizes = new ArrayList<>();
    List<Dim> cut = new ArrayList<>(Collections.nCopies(2 + rank, Dim.ZERO));
    List<Dim> wanted = new ArrayList<>(List.of(x.dim(0), w.dim(1).times(op.integer("group", 1))));
    for (int i = 0; i < rank; i++) {
      Dim extent = Sliding.extent(w.dim(2 + i), dilations.get(i));
      Dim full = x.dim(2 + i).minus(1).times(strides.get(i)).plus(extent);
      Crop crop = crop(op, i, rank, strides.get(i), x.dim(2 + i), full);
      wanted.add(crop.size());
      Dim rest = full.minus(crop.low()).minus(crop.size());
      boolean direct =
          crop.low().isConstant()
              && crop.low().constant() >= 0
              && rest.isConstant()
              && rest.constant() > -strides.get(i);
      if (direct) {
        padLow.set(i, crop.low().constant());
        padHigh.set(i, Math.max(0, rest.constant()));
        sizes.add(crop.size());
      } else {
        sizes.add(full);
        cut.set(2 + i, crop.low());
      }
    }
    Value y =
        op.add(
            new ConvInput(
                strides,
                padLow,
                padHigh,
                dilations,
                op.integer("group", 1),
                sizes,
                x.dtype().compute()),
            op.in(0),
            op.in(1));
    return fitted(op, y, cut, wanted);
  }

  /// What of a full transposed convolution is the result.
  ///
  /// @param low how many places before it go
  /// @param size how many are left; those beyond the end are zeros
  private record Crop(Dim low, Dim size) {}

  private static Crop crop(OpContext op, int axis, int rank, long stride, Dim input, Dim full) {
    List<Long> pads = op.integers("pads").orElse(Collections.nCopies(2 * rank, 0L));
    Dim more = Dim.of(op.integers("output_padding").map(p -> p.get(axis)).orElse(0L));
    Optional<List<Long>> shape = op.integers("output_shape");
    String auto = op.text("auto_pad", "NOTSET");
    boolean same = auto.startsWith("SAME");
    if (shape.isEmpty() && !same) {
      boolean valid = auto.equals("VALID");
      Dim low = Dim.of(valid ? 0 : pads.get(axis));
      Dim high = Dim.of(valid ? 0 : pads.get(rank + axis));
      return new Crop(low, full.plus(more).minus(low).minus(high));
    }
    // Some exporters name the batch and the channels, too.
    Dim size =
        shape.isPresent()
            ? Dim.of(shape.get().get(shape.get().size() - rank + axis))
            : input.times(stride);
    Dim total = op.larger(full.plus(more).minus(size), Dim.ZERO);
    Dim less = total.floorDiv(2);
    return new Crop(auto.equals("SAME_UPPER") ? less : total.minus(less), size);
  }

  /// A part of a tensor from `low` on, with zeros where it ends before `sizes`.
  static Value fitted(OpContext op, Value value, List<Dim> low, List<Dim> sizes) {
    List<Dim> kept = new ArrayList<>();
    List<Dim> added = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      kept.add(op.smaller(sizes.get(i), value.type().dim(i).minus(low.get(i))));
      added.add(sizes.get(i).minus(kept.get(i)));
    }
    int rank = sizes.size();
    Value part =
        kept.equals(value.type().shape())
            ? value
            : op.add(new Slice(low, kept, Collections.nCopies(rank, 1L)), value);
    List<Dim> none = Collections.nCopies(rank, Dim.ZERO);
    return added.equals(none)
        ? part
        : op.add(new Pad(none, added, Collections.nCopies(rank, 0L), 0), part);
  }
}
