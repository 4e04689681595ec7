package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.CodeBlock;
import dev.sinter.codegen.java.kernel.Code.Level;
import java.util.Optional;

/// Where an element of a buffer lies, as Java.
///
/// @param buffer the name of the buffer's memory; its byte offset there is the same name with `At`
/// @param index the number of the element
/// @param pointer the byte offset in the memory, where a local holds (a part of) it
record Place(String buffer, Code index, Optional<CodeBlock> pointer) {
  /// The byte offset in the memory of an element of `bytes` bytes.
  CodeBlock offset(int bytes) {
    return pointer.orElseGet(() ->
        bytes == 1
            ? CodeBlock.of("$LAt + $L", buffer, index.at(Level.SUM))
            : CodeBlock.of("$LAt + $LL * $L", buffer, bytes, index.at(Level.PRIMARY)));
  }
}
