package dev.sinter.runtime;

import dev.sinter.runtime.files.Safetensors;
import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/// A compiled model with its weights, ready to run: immutable, and open to all threads. Calls go
/// through a [Session].
public final class Model implements AutoCloseable {
  /// The entry of a model's JAR that holds its weights.
  public static final String WEIGHTS = "META-INF/sinter/weights.safetensors";

  /// The attribute of a JAR's manifest that names the class of its [Program].
  public static final String PROGRAM_ATTRIBUTE = "Sinter-Program";

  private final Program program;
  private final ModelSpec spec;
  private final long[] packedAt;
  private final Memory packed;
  private final Map<String, Tensor> initialStates;
  private final @Nullable URLClassLoader classes;
  private volatile boolean closed;

  private Model(
      Program program,
      Map<String, Tensor> weights,
      String source,
      @Nullable URLClassLoader classes) {
    this.program = program;
    this.spec = program.spec();
    this.classes = classes;
    // Where C1 compiles too, warming could leave tiles with it for good.
    CompletableFuture<Void> warming =
        JitDirectives.tilesLeftToC2()
            .thenAccept(left -> {
              if (left) {
                WarmUp.start(program);
              }
            });
    MemorySegment[] parameters = parameters(weights, source);
    long[] sizes = program.packedSizes();
    packedAt = new long[sizes.length];
    long bytes = 0;
    for (int i = 0; i < sizes.length; i++) {
      packedAt[i] = bytes;
      bytes = Math.addExact(bytes, MemoryNeed.rounded(sizes[i]));
    }
    packed = Memory.allocate(bytes, "the weights of " + spec.name());
    try {
      program.pack(parameters, packed.segment(), packedAt.clone());
      initialStates = initialStates(weights, source);
      warming.join();
    } catch (RuntimeException e) {
      packed.close();
      throw e;
    }
  }

  /// Loads a model's JAR in a class loader of its own, with the weights that the JAR holds or that
  /// lie beside it, as `name.safetensors` for `name.jar`.
  ///
  /// @throws ModelException when the JAR holds no program, or the weights do not fit it
  /// @throws IOException when a file cannot be read or is not what it should be
  @SuppressWarnings("MustBeClosedChecker") // The model closes its class loader.
  public static Model load(Path jar) throws IOException {
    String programName = programName(jar);
    URLClassLoader classes =
        new URLClassLoader(
            "sinter-" + jar.getFileName(),
            new URL[] {jar.toUri().toURL()},
            Model.class.getClassLoader());
    try {
      Program program = instantiate(classes, programName, jar);
      try (Safetensors weights = weightsOf(jar)) {
        return new Model(program, named(program, weights), jar.toString(), classes);
      }
    } catch (IOException | RuntimeException | Error e) {
      classes.close();
      throw e;
    }
  }

  /// A model from a program on the class or module path, with the weights in its own JAR or folder,
  /// or beside its JAR.
  ///
  /// @throws ModelException when the weights do not fit the program
  /// @throws IOException when a file cannot be read or is not what it should be
  public static Model of(Program program) throws IOException {
    Optional<Path> home = home(program.getClass());
    String source = home.map(Path::toString).orElse(program.getClass().getName());
    if (home.isPresent() && Files.isRegularFile(home.get())) {
      try (Safetensors weights = weightsOf(home.get())) {
        return new Model(program, named(program, weights), source, null);
      }
    }
    if (home.isPresent() && Files.isRegularFile(home.get().resolve(WEIGHTS))) {
      return of(program, home.get().resolve(WEIGHTS));
    }
    try (InputStream in = program.getClass().getResourceAsStream("/" + WEIGHTS)) {
      if (in == null) {
        return of(program, Map.of());
      }
      // A heap copy: only an image of the linker comes here, whose files cannot be mapped.
      MemorySegment memory = MemorySegment.ofArray(in.readAllBytes());
      try (Safetensors weights = Safetensors.read(memory, source)) {
        return new Model(program, named(program, weights), source, null);
      }
    }
  }

  /// A model from a program and the weights in a file of any kind that [Weights] reads.
  ///
  /// @throws ModelException when the weights do not fit the program
  /// @throws IOException when the file cannot be read or is not what it should be
  public static Model of(Program program, Path file) throws IOException {
    try (Weights weights = Weights.open(file)) {
      return new Model(program, named(program, weights), file.toString(), null);
    }
  }

  /// A model from a program and its weights by name, which are copied.
  ///
  /// @throws ModelException when the weights do not fit the program
  public static Model of(Program program, Map<String, Tensor> weights) {
    return new Model(program, weights, "the given weights", null);
  }

  private static Map<String, Tensor> named(Program program, Safetensors weights)
      throws IOException {
    return named(program, Weights.of(weights));
  }

  /// The values that the program knows by name; what else a file holds is not read.
  private static Map<String, Tensor> named(Program program, Weights weights) throws IOException {
    ModelSpec spec = program.spec();
    Map<String, DType> known = new HashMap<>();
    spec.parameters().forEach(parameter -> known.put(parameter.name(), parameter.dtype()));
    spec.states().forEach(state -> known.put(state.name(), state.dtype()));
    Map<String, Tensor> named = new HashMap<>();
    for (Map.Entry<String, StoredTensor> entry : spec.weightNames().of(weights).entrySet()) {
      DType dtype = known.get(entry.getKey());
      if (dtype != null) {
        StoredTensor tensor = entry.getValue();
        named.put(
            entry.getKey(), tensor.canBecome(dtype) ? tensor.as(dtype).read() : tensor.read());
      }
    }
    return named;
  }

  /// What the model is called, takes, gives and keeps.
  public ModelSpec spec() {
    return spec;
  }

  /// A new session on `threads` threads, the caller's included.
  ///
  /// @throws IllegalStateException when the model is closed
  public Session session(int threads) {
    if (closed) {
      throw new IllegalStateException("the model %s was closed".formatted(spec.name()));
    }
    return new Session(this, program, threads, initialStates);
  }

  /// The bytes of packed weights.
  public long weightBytes() {
    return packed.segment().byteSize();
  }

  /// Frees the weights; sessions that are still open end with the next call. A second call does
  /// nothing.
  @Override
  public void close() {
    synchronized (packedAt) {
      if (closed) {
        return;
      }
      closed = true;
    }
    packed.close();
    initialStates.values().forEach(Tensor::close);
    if (classes != null) {
      try {
        classes.close();
      } catch (IOException e) {
        throw new DeviceException("closing the JAR of %s failed".formatted(spec.name()), e);
      }
    }
  }

  boolean isClosed() {
    return closed;
  }

  MemorySegment packed() {
    return packed.segment();
  }

  long packedAt(int block) {
    return packedAt[block];
  }

  private MemorySegment[] parameters(Map<String, Tensor> weights, String source) {
    List<String> missing = new ArrayList<>();
    MemorySegment[] parameters = new MemorySegment[spec.parameters().size()];
    for (int i = 0; i < parameters.length; i++) {
      ParameterSpec parameter = spec.parameters().get(i);
      Tensor tensor = weights.get(parameter.name());
      if (tensor == null) {
        missing.add(parameter.name());
        continue;
      }
      if (tensor.dtype() != parameter.dtype() || !tensor.hasShape(parameter.dims())) {
        throw new ShapeException(
            "parameter %s of %s is %s%s, but %s has %s"
                .formatted(
                    parameter.name(),
                    spec.name(),
                    parameter.dtype(),
                    parameter.shape(),
                    source,
                    tensor.type()));
      }
      parameters[i] = tensor.aligned();
    }
    if (!missing.isEmpty()) {
      int shown = Math.min(5, missing.size());
      throw new ModelException(
          "%s has no value for %d of the %d parameters of %s: %s%s"
              .formatted(
                  source,
                  missing.size(),
                  parameters.length,
                  spec.name(),
                  String.join(", ", missing.subList(0, shown)),
                  shown < missing.size() ? ", ..." : ""));
    }
    return parameters;
  }

  private Map<String, Tensor> initialStates(Map<String, Tensor> weights, String source) {
    Map<String, Tensor> initial = new HashMap<>();
    for (StateSpec state : spec.states()) {
      Tensor tensor = weights.get(state.name());
      if (tensor != null) {
        if (tensor.dtype() != state.dtype() || tensor.rank() != state.dims().size()) {
          throw new ShapeException(
              "state %s of %s is %s, but %s has %s"
                  .formatted(state.name(), spec.name(), state.type(), source, tensor.type()));
        }
        initial.put(state.name(), tensor.copy());
      }
    }
    return Map.copyOf(initial);
  }

  private static String programName(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      Manifest manifest = file.getManifest();
      String name =
          manifest == null ? null : manifest.getMainAttributes().getValue(PROGRAM_ATTRIBUTE);
      if (name == null) {
        throw new ModelException(
            "%s is not a model: its manifest has no %s".formatted(jar, PROGRAM_ATTRIBUTE));
      }
      return name;
    }
  }

  private static Program instantiate(ClassLoader classes, String name, Path jar) {
    try {
      return Class.forName(name, true, classes)
          .asSubclass(Program.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
      throw new ModelException("%s: its program %s cannot be made: %s".formatted(jar, name, e), e);
    }
  }

  private static Safetensors weightsOf(Path jar) throws IOException {
    Optional<Safetensors> inside = Safetensors.openInJar(jar, WEIGHTS);
    if (inside.isPresent()) {
      return inside.get();
    }
    String name = String.valueOf(jar.getFileName()).replaceFirst("\\.jar$", "") + ".safetensors";
    Path beside = jar.resolveSibling(name);
    return Files.isRegularFile(beside) ? Safetensors.open(beside) : Safetensors.none();
  }

  /// The JAR or folder that a class comes from.
  private static Optional<Path> home(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return Optional.empty();
    }
    try {
      URI location = source.getLocation().toURI();
      return "file".equals(location.getScheme())
          ? Optional.of(Path.of(location))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
