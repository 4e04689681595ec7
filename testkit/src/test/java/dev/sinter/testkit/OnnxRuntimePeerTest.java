package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// ONNX Runtime as a peer: what goes in and what comes out.
class OnnxRuntimePeerTest {
  @TempDir private Path folder = Path.of("");

  private Path sum() throws IOException {
    WireMessage graph =
        new WireMessage()
            .message(1, OnnxMessages.node("Add", List.of("x", "y"), List.of("sum")))
            .message(1, OnnxMessages.node("Shape", List.of("sum"), List.of("shape")))
            .text(2, "sum")
            .message(11, OnnxMessages.value("x", "n", 2))
            .message(11, OnnxMessages.value("y", 2))
            .message(12, OnnxMessages.value("sum", "n", 2))
            .message(12, new WireMessage().text(1, "shape"));
    return Files.write(folder.resolve("sum.onnx"), OnnxMessages.model(graph).bytes());
  }

  @Test
  void answersByNameForEverySize() throws IOException {
    try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(sum())) {
      assertThat(peer.inputs()).containsExactly("x", "y");
      assertThat(peer.outputs()).containsExactly("sum", "shape");
      assertThat(peer.inputShape("x")).containsExactly(-1, 2);
      for (int n = 0; n < 3; n++) {
        float[] x = new float[2 * n];
        float[] sum = new float[2 * n];
        for (int i = 0; i < x.length; i++) {
          x[i] = i;
          sum[i] = i + (i % 2 == 0 ? 10 : 20);
        }
        Map<String, Tensor> outputs =
            peer.run(Map.of("x", Tensor.of(x, n, 2), "y", Tensor.of(new float[] {10, 20}, 2)));
        assertThat(outputs.keySet()).containsExactly("sum", "shape");
        assertThat(outputs.get("sum"))
            .satisfies(
                t -> assertThat(t.contentEquals(Tensor.of(sum, sum.length / 2, 2))).isTrue());
        assertThat(outputs.get("shape"))
            .satisfies(t -> assertThat(t.toLongArray()).containsExactly(sum.length / 2, 2));
      }
    }
  }

  @Test
  void saysWhatIsRefused() throws IOException {
    Path no = Files.write(folder.resolve("no.onnx"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> OnnxRuntimePeer.open(no))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no.onnx");
    try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(sum())) {
      assertThatThrownBy(() -> peer.run(Map.of("x", Tensor.of(new float[2], 1, 2))))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
