package dev.sinter.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.files.FormatException;
import dev.sinter.runtime.files.Safetensors;
import dev.sinter.runtime.files.ZipBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelTest {
  /// A program outside the runtime's package, as generated ones are: doubles its parameter.
  private static final String SOURCE =
      """
      package generated;

      import dev.sinter.runtime.*;
      import java.lang.foreign.*;

      public final class Doubled implements Program {
        private static final ModelSpec SPEC = ModelSpec.parse(\"""
            model Doubled
            entry get
              output twice f32[2]
            parameter pad i8[1] = zeros()
            parameter p f32[2] = normal(std = 1)
            \""");
        private static final BufferPlan PLAN = BufferPlan.parse(\"""
            dims 1
            buffer weights 0..0 p
            buffer arena 0..0 twice
            output 0 buffer 1 dims 0
            weight 0 buffer 0
            \""");
        public ModelSpec spec() { return SPEC; }
        public BufferPlan plan(int entry) { return PLAN; }
        public void bind(int entry, long[] inputDims, long[] dims) { dims[0] = 2; }
        public void sizes(int entry, long[] dims, long[] bytes) { bytes[1] = 8; }
        public long[] packedSizes() { return new long[] {8}; }
        public void pack(MemorySegment[] parameters, MemorySegment packed, long[] at) {
          for (int i = 0; i < 2; i++) {
            float p = parameters[1].getAtIndex(ValueLayout.JAVA_FLOAT, i);
            packed.set(ValueLayout.JAVA_FLOAT, at[0] + i * 4L, p);
          }
        }
        public void run(int entry, Frame frame) { frame.launch(0); }
        public void step(int step, Frame frame, int part, int parts) {
          long end = Frame.begin(2, part + 1, parts);
          for (long i = Frame.begin(2, part, parts); i < end; i++) {
            float p = frame.memory(0).get(ValueLayout.JAVA_FLOAT, frame.at(0) + i * 4);
            frame.memory(1).set(ValueLayout.JAVA_FLOAT, frame.at(1) + i * 4, 2 * p);
          }
        }
      }
      """;

  private static final Map<String, Tensor> WEIGHTS =
      Map.of("p", Tensor.of(new float[] {1.5f, -4}, 2), "pad", Tensor.of(new byte[1], 1));

  @TempDir private Path folder;
  private byte[] program = {};

  @BeforeAll
  void compile(@TempDir Path classes) throws IOException {
    JavaFileObject source =
        new SimpleJavaFileObject(
            URI.create("string:///generated/Doubled.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return SOURCE;
          }
        };
    String classPath =
        Path.of(
                URI.create(
                    Model.class.getProtectionDomain().getCodeSource().getLocation().toString()))
            .toString();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                null,
                null,
                null,
                List.of("-proc:none", "-d", classes.toString(), "-cp", classPath),
                null,
                List.of(source))
            .call();
    assertThat(compiled).isTrue();
    program = Files.readAllBytes(classes.resolve("generated/Doubled.class"));
  }

  @Test
  void loadsAJarThatStoresItsWeightsAtAnyOffset() throws IOException {
    for (int shift = 0; shift < 4; shift++) {
      Path jar = jar("m%d.jar".formatted(shift), weights(WEIGHTS), true, shift);
      try (Model model = Model.load(jar)) {
        assertThat(twice(model)).containsExactly(3, -8);
        assertThat(model.spec().name()).isEqualTo("Doubled");
        assertThat(model.weightBytes()).isEqualTo(128);
      }
      Files.delete(jar);
    }
  }

  @Test
  void loadsAJarThatCompressesItsWeights() throws IOException {
    try (Model model = Model.load(jar("m.jar", weights(WEIGHTS), false, 0))) {
      assertThat(twice(model)).containsExactly(3, -8);
    }
  }

  @Test
  void loadsWeightsBesideTheJar() throws IOException {
    Path jar = jar("beside.jar", null, false, 0);
    assertThatThrownBy(() -> Model.load(jar))
        .isInstanceOf(ModelException.class)
        .hasMessage(jar + " has no value for 2 of the 2 parameters of Doubled: pad, p");
    Safetensors.write(folder.resolve("beside.safetensors"), WEIGHTS, Map.of());
    try (Model model = Model.load(jar)) {
      assertThat(twice(model)).containsExactly(3, -8);
    }
  }

  @Test
  void findsTheWeightsOfAProgramOnTheClassPath() throws Exception {
    Path jar = jar("path.jar", weights(WEIGHTS), true, 0);
    URL[] jarOnly = {jar.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(jarOnly, Model.class.getClassLoader());
        Model model = Model.of(program(loader))) {
      assertThat(twice(model)).containsExactly(3, -8);
    }
    Path classes = folder.resolve("classes");
    Files.createDirectories(classes.resolve("generated"));
    Files.write(classes.resolve("generated/Doubled.class"), program);
    Path weights = classes.resolve(Model.WEIGHTS);
    Safetensors.write(weights, WEIGHTS, Map.of());
    URL[] folderOnly = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(folderOnly, Model.class.getClassLoader());
        Model model = Model.of(program(loader));
        Model other = Model.of(program(loader), weights)) {
      assertThat(twice(model)).containsExactly(3, -8);
      assertThat(twice(other)).containsExactly(3, -8);
    }
  }

  @Test
  void servesManySessionsAtOnce() throws Exception {
    try (Model model = Model.load(jar("many.jar", weights(WEIGHTS), true, 0))) {
      try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
        Callable<Boolean> calls =
            () -> {
              for (int call = 0; call < 100; call++) {
                assertThat(twice(model)).containsExactly(3, -8);
              }
              return true;
            };
        for (Future<Boolean> caller : callers.invokeAll(List.of(calls, calls, calls, calls))) {
          assertThat(caller.get()).isTrue();
        }
      }
      assertThat(twice(model)).containsExactly(3, -8);
    }
  }

  @Test
  void saysWhichParameterDoesNotFit() throws IOException {
    Map<String, Tensor> wrong =
        Map.of("p", Tensor.of(new int[] {1, 2}, 2), "pad", Tensor.of(new byte[1], 1));
    Path jar = jar("wrong.jar", weights(wrong), true, 0);
    assertThatThrownBy(() -> Model.load(jar))
        .isInstanceOf(ShapeException.class)
        .hasMessage("parameter p of Doubled is f32[2], but %s has i32[2]".formatted(jar));
  }

  @Test
  void saysThatAJarIsNoModel() throws IOException {
    Path text = Files.writeString(folder.resolve("text.jar"), "not a JAR");
    assertThatThrownBy(() -> Model.load(text)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Model.load(folder.resolve("absent.jar")))
        .isInstanceOf(IOException.class);
    Path empty = folder.resolve("empty.jar");
    new JarOutputStream(Files.newOutputStream(empty), new Manifest()).close();
    assertThatThrownBy(() -> Model.load(empty))
        .isInstanceOf(ModelException.class)
        .hasMessage(empty + " is not a model: its manifest has no Sinter-Program");
    Path cut = jar("cut.jar", new byte[] {1, 2, 3}, true, 0);
    assertThatThrownBy(() -> Model.load(cut)).isInstanceOf(FormatException.class);
    Path hollow = jar("hollow.jar", weights(WEIGHTS), true, 0, new byte[0]);
    assertThatThrownBy(() -> Model.load(hollow))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("its program generated.Doubled cannot be made");
  }

  @Test
  void freesItsWeightsOnClose() throws IOException {
    Model model = Model.load(jar("free.jar", weights(WEIGHTS), true, 0));
    MemorySegment packed = model.packed();
    assertThat(packed.scope().isAlive()).isTrue();
    model.close();
    assertThat(packed.scope().isAlive()).isFalse();
  }

  private static Program program(ClassLoader loader) throws ReflectiveOperationException {
    return (Program) loader.loadClass("generated.Doubled").getConstructor().newInstance();
  }

  private static float[] twice(Model model) {
    try (Session session = model.session(2)) {
      return Objects.requireNonNull(session.run(Map.of()).get("twice")).toFloatArray();
    }
  }

  private byte[] weights(Map<String, Tensor> tensors) throws IOException {
    Path file = folder.resolve("w.safetensors");
    Safetensors.write(file, tensors, Map.of());
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private Path jar(String name, byte @Nullable [] weights, boolean stored, int shift)
      throws IOException {
    return jar(name, weights, stored, shift, program);
  }

  /// A JAR of a program; `shift` bytes of another entry's name move the weights in the file.
  private Path jar(String name, byte @Nullable [] weights, boolean stored, int shift, byte[] code)
      throws IOException {
    String manifest =
        "Manifest-Version: 1.0\n%s: generated.Doubled\n".formatted(Model.PROGRAM_ATTRIBUTE);
    ZipBytes jar =
        new ZipBytes()
            .with("META-INF/MANIFEST.MF", manifest.getBytes(UTF_8), false)
            .with("x".repeat(shift + 1), new byte[0], false);
    if (weights != null) {
      jar.with(Model.WEIGHTS, weights, stored);
    }
    if (code.length > 0) {
      jar.with("generated/Doubled.class", code, false);
    }
    return Files.write(folder.resolve(name), jar.whole());
  }
}
