/*
 * Landlock for files, seccomp for system calls.
 *
 * The filter lists what is refused, not what is allowed: which calls the C library, OpenSSL and
 * libcurl make changes with their versions, and a filter that knows better breaks a server in
 * production. What is listed gives a foothold more reach: running programs, other processes'
 * memory, name spaces, mounts, kernel modules, keys, and the parts of the kernel that exploits are
 * made of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/observe/log.h"

/* ---- files ---- */

enum { PATH_SIZE = 4096 };

static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                LANDLOCK_ACCESS_FS_REMOVE_DIR;
static const uint64_t everything =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
    LANDLOCK_ACCESS_FS_MAKE_SYM;

/* What is under the path; one that is not there needs no rule. */
static bool allow(int rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
    bool done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(rule.parent_fd);
    return done;
}

/* The folder that a file is in: files are replaced by renaming others over them. */
static bool allow_folder_of(int rules, const char *file, uint64_t access)
{
    char path[PATH_SIZE];
    size_t size = file ? strlen(file) : 0;
    if (size == 0)
        return true;
    if (size >= sizeof path)
        return false;
    memcpy(path, file, size + 1);
    char *slash = strrchr(path, '/');
    if (!slash)
        return allow(rules, ".", access);
    slash[slash == path ? 1 : 0] = '\0';
    return allow(rules, path, access);
}

/* Names and certificates of others, libraries that are loaded late, what the options name. */
static bool allow_files(int rules, const struct options *options, const char *tokens)
{
    static const char *const read[] = {"/etc",
                                       "/usr",
                                       "/lib",
                                       "/lib64",
                                       "/proc",
                                       "/dev/urandom",
                                       "/run/systemd/resolve",
                                       "/run/NetworkManager"};
    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++) {
        bool is_file = strncmp(read[i], "/dev/", 5) == 0;
        if (!allow(rules, read[i], is_file ? LANDLOCK_ACCESS_FS_READ_FILE : reading))
            return false;
    }
    return allow(rules, "/dev/null",
                 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE) &&
           allow_folder_of(rules, options->tls_cert, reading) &&
           allow_folder_of(rules, options->tls_key, reading) &&
           allow_folder_of(rules, options->tls_client_ca, reading) &&
           allow_folder_of(rules, options->ca_file, reading) &&
           allow_folder_of(rules, options->config, reading) &&
           allow_folder_of(rules, options->log_file, reading | writing) &&
           allow_folder_of(rules, options->audit_file, reading | writing) &&
           allow_folder_of(rules, tokens, reading | writing);
}

static bool restrict_files(const struct options *options, const char *tokens)
{
    const struct landlock_ruleset_attr attributes = {.handled_access_fs = everything};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (rules < 0) {
        log_error("sandbox: this kernel has no Landlock: %s", strerror(errno));
        return false;
    }
    bool done =
        allow_files(rules, options, tokens) && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (!done)
        log_error("sandbox: Landlock: %s", strerror(errno));
    close(rules);
    return done;
}

/* ---- system calls ---- */

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

/* What a server never does. */
static const int refused[] = {
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_personality,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_acct,
    SYS_quotactl,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_syslog,
    SYS_lookup_dcookie,
    SYS_nfsservctl,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsmount,
    SYS_pidfd_getfd,
    SYS_vhangup,
};

enum { REFUSED = sizeof refused / sizeof refused[0], X32_BIT = 0x40000000 };

#define AT_NUMBER offsetof(struct seccomp_data, nr)
#define AT_ARCHITECTURE offsetof(struct seccomp_data, arch)
#define AT_FIRST offsetof(struct seccomp_data, args)

static struct sock_filter statement(uint16_t code, uint32_t value)
{
    return (struct sock_filter){.code = code, .k = value};
}

static struct sock_filter jump(uint16_t kind, uint32_t value, uint8_t yes, uint8_t no)
{
    return (struct sock_filter){(uint16_t)(BPF_JMP | kind | BPF_K), yes, no, value};
}

/* Another architecture's numbers mean other calls: that ends the process. Sockets are of the
 * internet, local ones, or ask the kernel for addresses. */
static unsigned write_filter(struct sock_filter *out)
{
    static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    const uint32_t refuse = SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);
    unsigned count = 0;
    out[count++] = statement(BPF_LD | BPF_W | BPF_ABS, AT_ARCHITECTURE);
    out[count++] = jump(BPF_JEQ, ARCHITECTURE, 1, 0);
    out[count++] = statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    out[count++] = statement(BPF_LD | BPF_W | BPF_ABS, AT_NUMBER);
    out[count++] = jump(BPF_JGE, X32_BIT, 0, 1);
    out[count++] = statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    for (unsigned i = 0; i < REFUSED; i++) {
        out[count++] = jump(BPF_JEQ, (uint32_t)refused[i], 0, 1);
        out[count++] = statement(BPF_RET | BPF_K, refuse);
    }
    out[count++] = jump(BPF_JEQ, SYS_socket, 1, 0);
    out[count++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    out[count++] = statement(BPF_LD | BPF_W | BPF_ABS, AT_FIRST);
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++) {
        out[count++] = jump(BPF_JEQ, families[i], 0, 1);
        out[count++] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    out[count++] = statement(BPF_RET | BPF_K, refuse);
    return count;
}

static bool restrict_calls(void)
{
    struct sock_filter filter[2 * REFUSED + 32];
    struct sock_fprog program = {.filter = filter};
    program.len = (unsigned short)write_filter(filter);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        return true;
    log_error("sandbox: seccomp: %s", strerror(errno));
    return false;
}

#else

static bool restrict_calls(void)
{
    log_error("sandbox: there is no filter of system calls for this architecture");
    return false;
}

#endif

bool sandbox_enter(const struct options *options, const char *tokens)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        log_error("sandbox: %s", strerror(errno));
        return false;
    }
    if (!restrict_files(options, tokens) || !restrict_calls())
        return false;
    log_info("sandbox: files and system calls are restricted");
    return true;
}
