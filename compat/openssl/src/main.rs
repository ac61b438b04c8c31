use compat_openssl::{cases, oracle};

fn main() {
    let mut wrong = 0;
    let all = cases::all();
    for case in &all {
        let built = case.plan().build();
        let answer = oracle::ask(&built);
        if answer != case.expect {
            wrong += 1;
            println!(
                "{:60} expected {:12} openssl {answer}",
                case.name,
                case.expect.to_string()
            );
        }
    }
    println!("{} cases, {wrong} unexpected", all.len());
}
