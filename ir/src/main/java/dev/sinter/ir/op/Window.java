package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.ScalarFn;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// How a window slides over the spatial axes of a tensor, for convolution and pooling.
///
/// Place `p` of the window and place `k` within it meet the input at `p * stride + k * dilation -
/// padLow`; outside the input there is padding.
///
/// @param sizes the window's sizes
/// @param strides how far it moves from one place to the next
/// @param padLow how many places of padding come before the input
/// @param padHigh how many places of padding come after it
/// @param dilations the distance of two places of the window in the input
record Window(
    List<Dim> sizes,
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations) {

  /// Refuses attributes of other than `rank` axes and numbers out of range.
  void check(Primitive op, int rank) {
    boolean fits =
        sizes.size() == rank
            && strides.size() == rank
            && padLow.size() == rank
            && padHigh.size() == rank
            && dilations.size() == rank;
    if (!fits) {
      throw new OpException(op.mnemonic() + " of " + rank + " spatial axes by " + this);
    }
    for (int i = 0; i < rank; i++) {
      if (strides.get(i) < 1
          || dilations.get(i) < 1
          || padLow.get(i) < 0
          || padHigh.get(i) < 0
          || (sizes.get(i).isConstant() && sizes.get(i).constant() < 1)) {
        throw new OpException(op.mnemonic() + " by a window out of range: " + this);
      }
    }
  }

  /// How many places the window takes along spatial axis `axis` of an input of size `input`.
  Dim places(int axis, Dim input) {
    Dim rest =
        input
            .plus(padLow.get(axis) + padHigh.get(axis))
            .minus(sizes.get(axis).minus(1).times(dilations.get(axis)))
            .minus(1);
    if (rest.isConstant() && rest.constant() < 0) {
      throw new OpException(
          "a window of "
              + sizes.get(axis)
              + " does not fit into "
              + input
              + " places with "
              + (padLow.get(axis) + padHigh.get(axis))
              + " of padding");
    }
    return rest.floorDiv(strides.get(axis)).plus(1);
  }

  /// [#places(int, Dim)] for each spatial axis.
  List<Dim> places(List<Dim> inputs) {
    return IntStream.range(0, inputs.size()).mapToObj(i -> places(i, inputs.get(i))).toList();
  }

  /// The place in the input of place `k` of the window at place `p`.
  Dim input(int axis, Dim p, Dim k) {
    return p.times(strides.get(axis)).plus(k.times(dilations.get(axis))).minus(padLow.get(axis));
  }

  /// The places in the input of place `k` of the window at place `p`, and in `conditions` what must
  /// hold for them to be no padding.
  List<Dim> inputs(List<Dim> p, List<Dim> k, List<Dim> inputSizes, List<Elem> conditions) {
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < p.size(); i++) {
      Dim place = input(i, p.get(i), k.get(i));
      at.add(place);
      if (padLow.get(i) > 0 || padHigh.get(i) > 0) {
        conditions.add(Elem.inRange(place, inputSizes.get(i)));
      }
    }
    return at;
  }

  /// The places of the window whose place `k` meets the input at `h`, and in `conditions` what must
  /// hold for them to exist.
  List<Dim> windows(List<Dim> h, List<Dim> k, List<Dim> counts, List<Elem> conditions) {
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < h.size(); i++) {
      Dim offset = h.get(i).plus(padLow.get(i)).minus(k.get(i).times(dilations.get(i)));
      Dim place = offset.floorDiv(strides.get(i));
      at.add(place);
      if (strides.get(i) > 1) {
        Elem remainder = new Elem.IndexValue(DType.I64, offset.mod(strides.get(i)));
        conditions.add(Elem.call(ScalarFn.EQ, remainder, Elem.literal(DType.I64, 0L)));
      }
      conditions.add(Elem.inRange(place, counts.get(i)));
    }
    return at;
  }

  /// The row-major number of place `k` of the window.
  Dim number(List<Dim> k) {
    Dim number = Dim.ZERO;
    for (int i = 0; i < k.size(); i++) {
      number = number.times(sizes.get(i)).plus(k.get(i));
    }
    return number;
  }

  /// Whether no input place lies in two windows and none between them, so that a place is divided
  /// into the window's and the one within it.
  boolean tiles() {
    for (int i = 0; i < sizes.size(); i++) {
      if (!sizes.get(i).is(strides.get(i)) || dilations.get(i) != 1) {
        return false;
      }
    }
    return true;
  }

  static List<Dim> indices(List<Axis> axes) {
    return axes.stream().map(Axis::index).toList();
  }
}
