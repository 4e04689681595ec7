package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.FolderLoader;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a text promises (`rename`, `limit`, `check`, `from`) holds in what is compiled from it.
class PromisesTest {
  @TempDir Path folder;

  private ModelGraph graph(String text, String name) throws IOException {
    Path file = Files.writeString(folder.resolve("net.sinter"), text);
    Elaborator elaborator = new Elaborator(warning -> {});
    return elaborator.elaborate(
        elaborator.read(FolderLoader.read(file), new FolderLoader(folder)), name, Map.of());
  }

  private static CompiledModel compile(ModelGraph graph) {
    return new Compiler(CompileOptions.DEFAULT).compile(graph);
  }

  private CompiledModel net(String items) throws IOException {
    return compile(
        graph(
            "model Net() {\n  head = Linear[3 -> 2]\n"
                + items
                + "\n  fn (x: f32[N, 3]) -> (y: f32[N, 2]) = head(x)\n}\n",
            "Net"));
  }

  private static Diagnostic refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    DiagnosticException fault =
        (DiagnosticException) org.assertj.core.api.Assertions.catchThrowable(call);
    assertThat(fault).isNotNull();
    assertThat(fault.diagnostics()).hasSize(1);
    return fault.diagnostics().getFirst();
  }

  private static final Map<String, Tensor> FOREIGN =
      Map.of(
          "fc.w",
          Tensor.of(new float[] {1, 4, 2, 5, 3, 6}, 3, 2),
          "fc.b",
          Tensor.of(new float[] {10, 20}, 2));

  private static final String RENAMES =
      """
        rename "fc.w" -> "head.weight" with rearrange{i o -> o i}
        rename "fc.b" -> "head.bias"
      """;

  private static void answersAsByHand(Model model) {
    try (Session session = model.session(1)) {
      Tensor y =
          Objects.requireNonNull(
              session.run("forward", Map.of("x", Tensor.of(new float[] {1, 1, 2}, 1, 3))).get("y"));
      assertThat(y.toDoubleArray()).containsExactly(1 + 2 + 6 + 10, 4 + 5 + 12 + 20);
    }
  }

  @Test
  void renamesReadTheFilesOfOthers() throws IOException {
    Path file = folder.resolve("foreign.safetensors");
    Safetensors.write(file, FOREIGN, Map.of());
    CompiledModel compiled = net(RENAMES);
    Map<String, Tensor> weights =
        compiled.weights(CompileOptions.DEFAULT.withWeights(new GivenWeights(file, List.of())));
    try (Model model = compiled.load(weights)) {
      answersAsByHand(model);
    }
    // The program knows the names too: a JAR without weights takes the file as it is.
    try (Model model = Model.of(compiled.program(), file)) {
      answersAsByHand(model);
    }
  }

  @Test
  void renamesTakeAnyNumberOfPartsAndLeaveTensorsOut() throws IOException {
    Path file = folder.resolve("deep.safetensors");
    Map<String, Tensor> deep =
        Map.of(
            "a.b.w",
            Objects.requireNonNull(FOREIGN.get("fc.w")),
            "a.b",
            Objects.requireNonNull(FOREIGN.get("fc.b")),
            "a.b.steps",
            Tensor.of(new long[] {7}));
    Safetensors.write(file, deep, Map.of());
    CompiledModel compiled =
        net(
            """
              rename "{..p}.w" -> "head.weight" with rearrange{i o -> o i}
              rename "{..p}.steps" -> ""
              rename "a.{p}" -> "head.bias"
            """);
    CompileOptions options = CompileOptions.DEFAULT.withWeights(new GivenWeights(file, List.of()));
    Path jar = folder.resolve("deep.jar");
    compiled.write(jar, compiled.weights(options), options);
    try (Model model = Model.load(jar)) {
      answersAsByHand(model);
    }
    try (Model model = Model.of(compiled.program(), file)) {
      answersAsByHand(model);
    }
  }

  @Test
  void aJarHasTheModelsOwnNames() throws IOException {
    Path file = folder.resolve("foreign.safetensors");
    Safetensors.write(file, FOREIGN, Map.of());
    CompiledModel compiled = net(RENAMES + "  rename \"head.bias\" -> \"other.bias\"");
    Path jar = folder.resolve("net.jar");
    CompileOptions options = CompileOptions.DEFAULT.withWeights(new GivenWeights(file, List.of()));
    compiled.write(jar, compiled.weights(options), options);
    try (Model model = Model.load(jar)) {
      answersAsByHand(model);
    }
  }

  @Test
  void aMemberBeginsWithTheWeightsOfAFile() throws IOException {
    Safetensors.write(folder.resolve("fc.safetensors"), FOREIGN, Map.of());
    String text =
        """
        model Net() {
          head = Linear[3 -> 2]
        %s
          fn (x: f32[N, 3]) -> (y: f32[N, 2]) = head(x)
        }
        model Whole() {
          net = Net() from "fc.safetensors"
          fn (x: f32[N, 3]) -> (y: f32[N, 2]) = net(x)
        }
        """
            .formatted(RENAMES);
    CompiledModel compiled = compile(graph(text, "Whole"));
    try (Model model = compiled.load(compiled.weights(CompileOptions.DEFAULT))) {
      answersAsByHand(model);
    }
    // Where the file lay is nobody's business.
    assertThat(compiled.spec().text()).doesNotContain(folder.toString());
  }

  @Test
  void whatDoesNotFitInAMembersFileIsSaidWithItsPlace() throws IOException {
    Safetensors.write(
        folder.resolve("head.safetensors"),
        Map.of("weight", Tensor.zeros(DType.F32, 3, 2), "scale", Tensor.zeros(DType.F32, 2)),
        Map.of());
    String text =
        """
        model Net() {
          head = Linear[3 -> 2] from "head.safetensors"
          fn (x: f32[N, 3]) -> (y: f32[N, 2]) = head(x)
        }
        """;
    assertThatThrownBy(() -> graph(text, "Net"))
        .isInstanceOfSatisfying(
            DiagnosticException.class,
            fault -> {
              assertThat(fault.diagnostics())
                  .extracting(Diagnostic::code)
                  .containsExactly(DiagnosticCode.WEIGHTS_MISFIT);
              Diagnostic misfit = fault.diagnostics().getFirst();
              assertThat(misfit.span().line()).isEqualTo(2);
              assertThat(misfit.notes())
                  .containsExactly(
                      "missing:\n  bias: f32[2]",
                      "unexpected:\n  scale: f32[2]",
                      "of another type:\n  weight is f32[3, 2] in the file, f32[2, 3] in the"
                          + " model");
              assertThat(misfit.help()).singleElement().asString().contains("rearrange");
            });
  }

  @Test
  void aFileThatIsMissingOrNoneIsADiagnostic() throws IOException {
    String text =
        """
        model Net() {
          head = Linear[3 -> 2] from "head.safetensors"
          fn (x: f32[N, 3]) -> (y: f32[N, 2]) = head(x)
        }
        """;
    assertThat(refused(() -> graph(text, "Net")).code()).isEqualTo(DiagnosticCode.FILE_NOT_FOUND);
    Files.writeString(folder.resolve("head.safetensors"), "no tensors");
    Diagnostic fault = refused(() -> graph(text, "Net"));
    assertThat(fault.code()).isEqualTo(DiagnosticCode.FILE_NOT_READABLE);
    assertThat(fault.notes()).singleElement().asString().contains("head.safetensors");
  }

  @Test
  void aSizeBeyondItsLimitIsRefusedWhenTheModelIsCalled() throws IOException {
    CompiledModel compiled = net("  limit N 8");
    try (Model model = compiled.load(0);
        Session session = model.session(1)) {
      session.run("forward", Map.of("x", Tensor.zeros(DType.F32, 8, 3)));
      assertThatThrownBy(() -> session.run("forward", Map.of("x", Tensor.zeros(DType.F32, 9, 3))))
          .isInstanceOf(ModelException.class)
          .hasMessage("forward needs N <= 8, but N is 9");
    }
  }

  @Test
  void memoryBeyondItsLimitIsRefusedWhenTheModelIsCalled() throws IOException {
    CompiledModel compiled = net("  limit memory 4 KiB");
    try (Model model = compiled.load(0);
        Session session = model.session(1)) {
      session.run("forward", Map.of("x", Tensor.zeros(DType.F32, 8, 3)));
      assertThatThrownBy(() -> session.run("forward", Map.of("x", Tensor.zeros(DType.F32, 900, 3))))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("bytes of memory: weights")
          .hasMessageContaining("Net is limited to 4096");
    }
  }

  @Test
  void memoryThatIsKnownBeforehandFailsTheBuild() throws IOException {
    String text =
        """
        model Net() {
          head = Linear[3 -> 2]
          limit memory 1 KiB
          fn (x: f32[100, 3]) -> (y: f32[100, 2]) = head(x)
        }
        train Fit() {
          net = Net()
          data (x: f32[N, 3]) batch N = 50
          step { minimize mean(sum{n o -> n}(einsum{n i, o i -> n o}(x, net.head.weight)))
                 over net.head.weight with Sgd(lr = 0.1) }
        }
        """;
    for (String name : List.of("Net", "Fit")) {
      ModelGraph graph = graph(text, name);
      Diagnostic fault = refused(() -> compile(graph));
      assertThat(fault.code()).isEqualTo(DiagnosticCode.LIMIT_EXCEEDED);
      assertThat(fault.span().line()).isEqualTo(3);
      assertThat(fault.message()).contains("bytes of memory");
    }
  }

  @Test
  void aJarBeyondItsLimitIsNotWritten() throws IOException {
    CompiledModel compiled = net("  limit jar 2 KiB");
    Path jar = folder.resolve("net.jar");
    Diagnostic fault =
        refused(() -> compiled.write(jar, compiled.initialWeights(0), CompileOptions.DEFAULT));
    assertThat(fault.code()).isEqualTo(DiagnosticCode.LIMIT_EXCEEDED);
    assertThat(jar).doesNotExist();
  }

  private static final String SQUARE =
      """
      fn square(x: f32[..S]) -> f32[..S] = x * x
      gradient of square(x: f32[..S], dy: f32[..S]) -> f32[..S] = %s * x * dy
      model Net() {
        head = Linear[3 -> 2]
        check grad
        fn (x: f32[N, 3]) -> (y: f32[N, 2]) where (N >= 5, N %% 2 == 0) = square(head(x))
      }
      train Fit() {
        net = Net()
        data (x: f32[N, 3]) batch N = 50
        step { minimize mean(square(net.head(x))) over net with Sgd(lr = 0.1) }
      }
      """;

  @Test
  void aGradientOfOnesOwnIsChecked() throws IOException {
    assertThat(compile(graph(SQUARE.formatted("2"), "Net"))).isNotNull();
    assertThat(compile(graph(SQUARE.formatted("2"), "Fit"))).isNotNull();
    for (String name : List.of("Net", "Fit")) {
      ModelGraph wrong = graph(SQUARE.formatted("3"), name);
      Diagnostic fault = refused(() -> compile(wrong));
      assertThat(fault.code()).isEqualTo(DiagnosticCode.GRADIENT_DIFFERS);
      assertThat(fault.span().line()).isEqualTo(5);
      assertThat(fault.message()).contains("head.weight");
    }
  }
}
