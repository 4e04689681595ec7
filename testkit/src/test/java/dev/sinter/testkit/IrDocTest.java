package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Op;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Verifier;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.ir.text.OpTable;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `docs/IR.md` says what is so.
class IrDocTest {
  private static final Repository REPOSITORY = Repository.current();
  private static final Path PAGE = REPOSITORY.file("docs/IR.md");
  private static final String START =
      "<!-- ops: written by IrDocTest, -Dsinter.golden=rewrite renews it -->\n";
  private static final String END = "<!-- end of ops -->\n";

  @Test
  void theExampleIsAGraphThatRuns() throws IOException {
    Matcher example =
        Pattern.compile("```graph\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    assertThat(example.find()).isTrue();
    Graph graph = GraphParser.graph(example.group(1));
    new Verifier("docs/IR.md", false).verify(graph);
    assertThat(GraphPrinter.print(graph)).isEqualTo(example.group(1));
    List<Tensor> outputs =
        Interpreter.rounding()
            .run(
                graph,
                List.of(
                    Tensor.of(new float[12], 3, 4),
                    Tensor.of(new float[] {1, 2, 3}, 3),
                    Tensor.of(new float[4], 4),
                    Tensor.of(new float[] {5})));
    assertThat(outputs.get(0).getDouble(0)).isEqualTo(5);
  }

  @Test
  void whatItSaysOfSizesIsSo() {
    GraphParser.graph("graph f(argument x %x: f32[N, C, H]) given C == 4*N, 2 divides H {return}");
    assertThat(dev.sinter.ir.DimParser.parse("floor((4*C + 3) / 4)")).hasToString("C");
    Facts even = GraphParser.graph("graph f() given 2 divides H, %j < 32 {return}").facts();
    assertThat(even.simplify(dev.sinter.ir.DimParser.parse("2*floor(H / 2)"))).hasToString("H");
    assertThat(even.simplify(dev.sinter.ir.DimParser.parse("floor((32*%p + %j) / 32)")))
        .hasToString("%p");
  }

  @Test
  void theTableOfOpsIsComplete() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf(START) + START.length();
    int end = page.indexOf(END);
    assertThat(end).as("the markers of the table").isGreaterThanOrEqualTo(start);
    String wanted = page.substring(0, start) + table() + page.substring(end);
    new Golden(PAGE).check(wanted);
  }

  private static String table() throws IOException {
    OpTable ops = new OpTable();
    StringBuilder out =
        new StringBuilder("| op | shape | attributes | what it is |\n|---|---|---|---|\n");
    for (Map.Entry<String, Class<? extends Op>> op : new TreeMap<>(ops.records()).entrySet()) {
      Class<? extends Op> type = op.getValue();
      String attributes =
          Arrays.stream(type.getRecordComponents())
              .map(c -> "`" + c.getName() + "`")
              .collect(Collectors.joining(", "));
      out.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(op.getKey(), shape(type), attributes, summary(type)));
    }
    out.append("\nExterns: ").append(names(Extern.values())).append(".\n");
    out.append("\nPointwise, by the number of operands:\n\n");
    for (int arity = 1; arity <= 4; arity++) {
      int count = arity;
      out.append("* ")
          .append(arity)
          .append(": ")
          .append(
              names(
                  Arrays.stream(Pointwise.values())
                      .filter(op -> op.arity() == count)
                      .toArray(Op[]::new)))
          .append('\n');
    }
    return out.toString();
  }

  private static String names(Op[] ops) {
    return Arrays.stream(ops)
        .map(op -> "`" + op.mnemonic() + "`")
        .collect(Collectors.joining(", "));
  }

  private static String shape(Class<? extends Op> type) {
    return Primitive.class.isAssignableFrom(type)
        ? "primitive"
        : Composite.class.isAssignableFrom(type)
            ? "composite"
            : ControlFlow.class.isAssignableFrom(type)
                ? "control flow"
                : type == RuntimeSize.class ? "size" : type == BitCast.class ? "view" : "gradient";
  }

  /// The first sentence of the op's documentation.
  private static String summary(Class<? extends Op> type) throws IOException {
    Path source = REPOSITORY.file("ir/src/main/java/" + type.getName().replace('.', '/') + ".java");
    String doc =
        Files.readAllLines(source).stream()
            .filter(line -> line.startsWith("///"))
            .map(line -> line.substring(3).strip())
            .takeWhile(line -> !line.isEmpty())
            .collect(Collectors.joining(" "));
    Matcher sentence = Pattern.compile("^.*?(?<!\\.)[.:](?= |$)").matcher(doc);
    String first = sentence.find() ? sentence.group() : doc;
    return first
        .replaceAll("\\[(?:\\w+[#.])?(\\w+)]", "`$1`")
        .replaceAll("[.:]$", "")
        .replace("|", "\\|");
  }
}
