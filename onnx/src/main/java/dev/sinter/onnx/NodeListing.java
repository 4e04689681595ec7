package dev.sinter.onnx;

import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxNode;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.TreeMap;

/// The nodes of a model as a text with a line for each, so that messages have a place to point to.
final class NodeListing {
  private final SourceText text;
  private final IdentityHashMap<OnnxNode, int[]> lines;

  private NodeListing(SourceText text, IdentityHashMap<OnnxNode, int[]> lines) {
    this.text = text;
    this.lines = lines;
  }

  static NodeListing of(String name, OnnxModel model) {
    StringBuilder out = new StringBuilder();
    IdentityHashMap<OnnxNode, int[]> lines = new IdentityHashMap<>();
    list(model.graph().nodes(), "", out, lines);
    model
        .functions()
        .forEach(f -> {
          out.append("function ").append(f.name()).append('\n');
          list(f.nodes(), "  ", out, lines);
        });
    return new NodeListing(new SourceText(name, out.toString()), lines);
  }

  private static void list(
      List<OnnxNode> nodes,
      String indent,
      StringBuilder out,
      IdentityHashMap<OnnxNode, int[]> lines) {
    for (OnnxNode node : nodes) {
      int start = out.length() + indent.length();
      out.append(indent)
          .append(String.join(", ", node.outputs()))
          .append(" = ")
          .append(node.opType())
          .append('(')
          .append(String.join(", ", node.inputs()))
          .append(')');
      lines.put(node, new int[] {start, out.length()});
      out.append('\n');
      for (OnnxAttribute attribute : new TreeMap<>(node.attributes()).values()) {
        if (attribute.value() instanceof OnnxAttribute.Value.Graph(OnnxGraph graph)) {
          out.append(indent).append("  ").append(attribute.name()).append(":\n");
          list(graph.nodes(), indent + "    ", out, lines);
        }
      }
    }
  }

  /// Where the node stands; nowhere for one that was made in importing.
  Span span(OnnxNode node) {
    int[] line = lines.get(node);
    return line == null ? Span.NONE : new Span(text, line[0], line[1]);
  }

  /// The place of the whole model.
  Span all() {
    return new Span(text, 0, 0);
  }
}
