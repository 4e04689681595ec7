package dev.sinter.codegen.jar;

import dev.sinter.ir.diagnostic.CompilerBug;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The bytecode of every method, and the gate that no method is so long that the JIT leaves it
/// interpreted.
///
/// @param methods in the order of the classes and their files
public record MethodSizes(List<Method> methods) {
  /// HotSpot compiles no longer method unless told (`-XX:-DontCompileHugeMethods`).
  public static final int LIMIT = 8_000;

  public MethodSizes {
    methods = List.copyOf(methods);
  }

  /// A method and the bytes of its bytecode.
  ///
  /// @param calls the methods of its class that it calls
  public record Method(String className, String name, int bytes, Set<String> calls) {
    public Method {
      calls = Collections.unmodifiableSet(new LinkedHashSet<>(calls));
    }

    @Override
    public String toString() {
      return className + "." + name;
    }
  }

  /// The sizes in `classes`, which are by binary name.
  public static MethodSizes of(Map<String, byte[]> classes) {
    List<Method> methods = new ArrayList<>();
    classes.forEach((name, bytes) -> {
      ClassModel model = ClassFile.of().parse(bytes);
      for (MethodModel method : model.methods()) {
        method
            .findAttribute(Attributes.code())
            .ifPresent(code ->
                methods.add(
                    new Method(
                        name,
                        method.methodName().stringValue(),
                        code.codeLength(),
                        calls(model, method))));
      }
    });
    return new MethodSizes(methods);
  }

  private static Set<String> calls(ClassModel model, MethodModel method) {
    Set<String> calls = new LinkedHashSet<>();
    method
        .code()
        .ifPresent(code ->
            code.forEach(element -> {
              if (element instanceof InvokeInstruction call
                  && call.owner().equals(model.thisClass())) {
                calls.add(call.name().stringValue());
              }
            }));
    return calls;
  }

  /// Fails where a method is longer than [#LIMIT].
  ///
  /// @throws CompilerBug that names the longest method
  public void check() {
    methods.stream()
        .filter(method -> method.bytes() > LIMIT)
        .max(java.util.Comparator.comparingInt(Method::bytes))
        .ifPresent(method -> {
          throw new CompilerBug(
              "codegen",
              "method %s has %d bytes of bytecode, more than the %d that the JIT compiles"
                  .formatted(method, method.bytes(), LIMIT));
        });
  }
}
