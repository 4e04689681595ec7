package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvFilter;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes the padding of a convolution a node of its own, so that the loops of the convolution have
/// no conditions in them. Each rule leaves a convolution without padding, which none looks at
/// again.
final class PadConvolutions {
  private PadConvolutions() {}

  static List<Rule> rules() {
    return List.of(
        Rule.exact("pad-conv", PadConvolutions::conv),
        Rule.exact("pad-conv-filter", PadConvolutions::filter),
        Rule.exact("conv-input-is-conv", PadConvolutions::input));
  }

  /// `conv(x, w)` with padding -> `conv(pad(x), w)`
  private static @Nullable Value conv(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Conv c) || isZero(c.padLow(), c.padHigh())) {
      return null;
    }
    List<Long> none = Collections.nCopies(c.padLow().size(), 0L);
    return b.add(
        new Conv(c.strides(), none, none, c.dilations(), c.groups(), c.accumulator()),
        padded(b, node.operand(0), c.padLow(), c.padHigh()),
        node.operand(1));
  }

  /// `conv_filter(x, dy)` with padding -> `conv_filter(pad(x), dy)`
  private static @Nullable Value filter(GraphBuilder b, Node node) {
    if (!(node.op() instanceof ConvFilter c) || isZero(c.padLow(), c.padHigh())) {
      return null;
    }
    List<Long> none = Collections.nCopies(c.padLow().size(), 0L);
    return b.add(
        new ConvFilter(
            c.strides(), none, none, c.dilations(), c.groups(), c.sizes(), c.accumulator()),
        padded(b, node.operand(0), c.padLow(), c.padHigh()),
        node.operand(1));
  }

  /// `conv_input(dy, w)` -> `conv(pad(dy), reversed and transposed w)`, for windows that move by
  /// one place: place `i` of the input meets place `i + low - k` of `dy`, which is place `i + k'`
  /// of `dy` with `(size - 1) * dilation - low` places before it, for the reversed place `k'` of
  /// the window.
  private static @Nullable Value input(GraphBuilder b, Node node) {
    if (!(node.op() instanceof ConvInput c)
        || c.groups() != 1
        || c.strides().stream().anyMatch(s -> s != 1)) {
      return null;
    }
    Value dy = node.operand(0);
    Value w = node.operand(1);
    List<Long> low = new ArrayList<>();
    List<Long> high = new ArrayList<>();
    for (int i = 0; i < c.sizes().size(); i++) {
      Dim window = w.type().dim(i + 2);
      if (!window.isConstant()) {
        return null;
      }
      long reach = (window.constant() - 1) * c.dilations().get(i);
      long before = reach - c.padLow().get(i);
      // Result places = dy + before + after - reach.
      Dim after = c.sizes().get(i).minus(dy.type().dim(i + 2)).plus(reach - before);
      if (before < 0 || !after.isConstant() || after.constant() < 0) {
        return null;
      }
      low.add(before);
      high.add(after.constant());
    }
    Value turned = w;
    for (int i = 0; i < c.sizes().size(); i++) {
      turned = Slice.reversed(b, turned, i + 2);
    }
    List<Integer> order = new ArrayList<>(List.of(1, 0));
    IntStream.range(2, w.type().rank()).forEach(order::add);
    List<Long> none = Collections.nCopies(low.size(), 0L);
    return b.add(
        new Conv(c.strides(), none, none, c.dilations(), 1, c.accumulator()),
        padded(b, dy, low, high),
        b.add(new Transpose(order), turned));
  }

  private static boolean isZero(List<Long> low, List<Long> high) {
    return low.stream().allMatch(p -> p == 0) && high.stream().allMatch(p -> p == 0);
  }

  private static Value padded(GraphBuilder b, Value x, List<Long> low, List<Long> high) {
    if (isZero(low, high)) {
      return x;
    }
    List<Dim> before = new ArrayList<>(List.of(Dim.ZERO, Dim.ZERO));
    List<Dim> after = new ArrayList<>(List.of(Dim.ZERO, Dim.ZERO));
    low.forEach(p -> before.add(Dim.of(p)));
    high.forEach(p -> after.add(Dim.of(p)));
    List<Long> between = Collections.nCopies(before.size(), 0L);
    return b.add(new Pad(before, after, between, 0), x);
  }
}
