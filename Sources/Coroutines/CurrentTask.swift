import CLinux

/// Which task the caller is, as a name to compare; nil outside a task.
@inlinable func currentTask() -> UnsafeRawPointer? { linux_current_task() }

/// Whether the caller's own `task` was cancelled.
@inlinable func isCancelled(_ task: UnsafeRawPointer) -> Bool { linux_task_is_cancelled(task) }
