package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvFilter;
import dev.sinter.ir.op.Pad;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
        TransposedConvolutions.rule());
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

  private static boolean isZero(List<Long> low, List<Long> high) {
    return low.stream().allMatch(p -> p == 0) && high.stream().allMatch(p -> p == 0);
  }

  /// `x` with places of zeros before and after its spatial axes.
  static Value padded(GraphBuilder b, Value x, List<Long> low, List<Long> high) {
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
