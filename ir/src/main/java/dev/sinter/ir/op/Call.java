package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A function of the user's with a gradient of his own: region 0 is the function, region 1 maps its
/// arguments and the results' cotangents to the arguments' cotangents.
///
/// @param name the function's name
public record Call(String name) implements Composite {
  @Override
  public String mnemonic() {
    return "call";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    return b.inline(regions.getFirst(), operands);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    if (node.regions().size() == 1) {
      return ReverseMode.through(b, node.regions().getFirst(), node.operands(), dy);
    }
    List<Value> arguments = new ArrayList<>(node.operands());
    for (int i = 0; i < dy.size(); i++) {
      Value d = dy.get(i);
      arguments.add(d == null ? b.fill(node.result(i).type(), 0) : d);
    }
    List<Value> out = b.inline(Objects.requireNonNull(node.regions().get(1)), arguments);
    return Collections.unmodifiableList(new ArrayList<@Nullable Value>(out));
  }
}
