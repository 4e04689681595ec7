package dev.sinter.onnx;

import static dev.sinter.testkit.OnnxMessages.node;
import static dev.sinter.testkit.OnnxMessages.tensor;
import static dev.sinter.testkit.OnnxMessages.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.testkit.OnnxMessages;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import dev.sinter.testkit.WireMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

class HostileFilesTest {
  private static final String PUBLIC = "onnx-conformance/onnx-conformance-public.zip";

  @Test
  void areRefusedWhereverTheyAreCut() {
    byte[] whole = small();
    for (int length = 0; length < whole.length; length++) {
      readOrRefuse(Arrays.copyOf(whole, length), "cut at " + length);
    }
  }

  @Test
  void areReadOrRefusedWithFlippedBits() {
    flip(List.of(small()), Tier.current().cases(300, 10_000));
  }

  @Test
  void areReadOrRefusedWithFlippedBitsInRecordedTests() throws IOException {
    Path file = Repository.current().shared(PUBLIC);
    List<byte[]> models = new ArrayList<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        if (entry.getName().endsWith("model.onnx") && entry.getSize() < 20_000) {
          try (InputStream in = zip.getInputStream(entry)) {
            models.add(in.readAllBytes());
          }
        }
      }
    }
    flip(models, Tier.current().cases(300, 10_000));
  }

  private static void flip(List<byte[]> models, int cases) {
    Random random = new Random(17);
    for (int i = 0; i < cases; i++) {
      byte[] flipped = models.get(random.nextInt(models.size())).clone();
      int count = 1 + random.nextInt(3);
      for (int flip = 0; flip < count; flip++) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      readOrRefuse(flipped, "case " + i);
    }
  }

  private static void readOrRefuse(byte[] bytes, String name) {
    try {
      read(bytes);
    } catch (OnnxFormatException | DiagnosticException e) {
      assertThat(e.getMessage()).as(name).isNotBlank();
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError(name + ": " + HexFormat.of().formatHex(bytes), e);
    }
  }

  private static void read(byte[] bytes) throws OnnxFormatException {
    OnnxImporter.read(
        OnnxReader.model(ByteBuffer.wrap(bytes)), "Test", "test", TensorData.INLINE, Map.of());
  }

  private static void assertFault(WireMessage graph, String part) {
    assertFault(OnnxMessages.model(graph).bytes(), part);
  }

  private static void assertFault(byte[] model, String part) {
    assertThatThrownBy(() -> read(model))
        .isInstanceOfAny(DiagnosticException.class, OnnxFormatException.class)
        .hasMessageContaining(part);
  }

  /// A node, an initializer, a choice with a graph in each arm, and a function that is called.
  private static byte[] small() {
    WireMessage then =
        new WireMessage()
            .message(1, node("Relu", List.of("sum"), List.of("a")))
            .message(12, value("a", "N", 4));
    WireMessage otherwise =
        new WireMessage()
            .message(1, node("Tanh", List.of("sum"), List.of("b")))
            .message(12, value("b", "N", 4));
    WireMessage choice =
        node("If", List.of("test"), List.of("chosen"))
            .message(5, graph("then_branch", then))
            .message(5, graph("else_branch", otherwise));
    WireMessage graph =
        new WireMessage()
            .message(1, node("Add", List.of("x", "w"), List.of("sum")))
            .message(1, node("Greater", List.of("limit", "limit"), List.of("test")))
            .message(1, choice)
            .message(1, node("Twice", List.of("chosen"), List.of("y")).text(7, "own"))
            .message(5, tensor("w", 1, 2, 3, 4))
            .message(11, value("x", "N", 4))
            .message(11, value("limit"))
            .message(12, value("y", "N", 4));
    return OnnxMessages.model(graph)
        .message(8, new WireMessage().text(1, "own").number(2, 1))
        .message(25, function("Twice", node("Add", List.of("in", "in"), List.of("out"))))
        .bytes();
  }

  private static WireMessage graph(String name, WireMessage graph) {
    return new WireMessage().text(1, name).message(6, graph).number(20, 5);
  }

  private static WireMessage function(String name, WireMessage... nodes) {
    WireMessage function =
        new WireMessage().text(1, name).text(4, "in").text(5, "out").text(10, "own");
    for (WireMessage node : nodes) {
      function.message(7, node);
    }
    return function
        .message(9, new WireMessage().text(1, "").number(2, 21))
        .message(9, new WireMessage().text(1, "own").number(2, 1));
  }

  @Test
  void areReadWhereNothingIsWrong() {
    assertThatCode(() -> read(small())).doesNotThrowAnyException();
  }

  /// Converters to 16 bits write their casts last.
  @Test
  void mayHaveTheirNodesInAnyOrder() throws OnnxFormatException {
    byte[] file =
        OnnxMessages.model(
                new WireMessage()
                    .message(1, node("Relu", List.of("b"), List.of("y")))
                    .message(1, node("Neg", List.of("x"), List.of("c")))
                    .message(1, node("Add", List.of("c", "a"), List.of("b")))
                    .message(1, node("Abs", List.of("x"), List.of("a")))
                    .message(11, value("x", 4))
                    .message(12, value("y", 4)))
            .bytes();
    assertThatCode(() -> read(file)).doesNotThrowAnyException();
    assertThat(OnnxReader.model(ByteBuffer.wrap(file)).graph().nodes())
        .extracting(OnnxNode::opType)
        .containsExactly("Neg", "Abs", "Add", "Relu");
  }

  @Test
  void cannotRunInACircle() {
    assertFault(
        new WireMessage()
            .message(1, node("Relu", List.of("b"), List.of("a")))
            .message(1, node("Relu", List.of("a"), List.of("b")))
            .message(12, value("b", 4)),
        "reads b, which nothing gives before it");
  }

  @Test
  void cannotLackWhatTheyName() {
    assertFault(new WireMessage().message(12, value("y", 4)), "nothing gives the output y");
    assertFault(
        new WireMessage()
            .message(1, node("Add", List.of("x"), List.of("y")))
            .message(11, value("x", 4))
            .message(12, value("y", 4)),
        "Add");
  }

  @Test
  void cannotCallTwoThingsAlike() {
    WireMessage relu = node("Relu", List.of("x"), List.of("y"));
    assertFault(
        new WireMessage().message(1, relu).message(1, relu).message(11, value("x", 4)),
        "gives y, which another node has given");
    assertFault(
        new WireMessage().message(11, value("x", 4)).message(11, value("x", 4)),
        "two inputs called x");
    assertFault(
        new WireMessage().message(5, tensor("w", 1)).message(5, tensor("w", 2)),
        "two initializers called w");
    assertFault(
        new WireMessage()
            .message(1, relu)
            .message(11, value("x", 4))
            .message(12, value("y", 4))
            .message(12, value("y", 4)),
        "two outputs called y");
  }

  @Test
  void cannotHaveSizesBeyondAllBounds() {
    assertFault(new WireMessage().message(11, value("x", 1L << 40)), "beyond all bounds");
    WireMessage large = new WireMessage().number(1, 1L << 40).number(1, 1L << 40).number(2, 1);
    assertFault(
        new WireMessage().message(5, large.text(8, "w")).message(12, value("w", 4)),
        "tensor w should have");
    WireMessage negative = new WireMessage().number(1, -3).number(2, 1).text(8, "w");
    assertFault(new WireMessage().message(5, negative), "has a size of -3");
  }

  @Test
  void cannotCallThemselves() {
    WireMessage call = node("F", List.of("in"), List.of("out")).text(7, "own");
    assertFault(called(function("F", call)), "functions more than");
  }

  /// Each function calls the next one twice: there are 2^30 nodes in 31 lines.
  @Test
  void cannotGrowWithoutBound() {
    List<WireMessage> functions = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      String next = i == 29 ? "Relu" : "F" + (i + 1);
      String domain = i == 29 ? "" : "own";
      functions.add(
          function(
              i == 0 ? "F" : "F" + i,
              node(next, List.of("in"), List.of("half")).text(7, domain),
              node(next, List.of("half"), List.of("out")).text(7, domain)));
    }
    assertFault(called(functions.toArray(WireMessage[]::new)), "nodes");
  }

  private static byte[] called(WireMessage... functions) {
    WireMessage graph =
        new WireMessage()
            .message(1, node("F", List.of("x"), List.of("y")).text(7, "own"))
            .message(11, value("x", 4))
            .message(12, value("y", 4));
    WireMessage model =
        OnnxMessages.model(graph).message(8, new WireMessage().text(1, "own").number(2, 1));
    for (WireMessage function : functions) {
      model.message(25, function);
    }
    return model.bytes();
  }
}
