//! Who has done something: `created_by` names the subject of the token, also where none is asked for.

use crate::signing::Robot;
use crate::*;

#[test]
fn an_operation_names_the_subject_of_the_token() {
    let cloud = Cloud::start();
    let robot = Robot::new();
    let robot_token = traded(&cloud, Identity::Jwt(robot.jwt(cloud.now().seconds))).unwrap().iam_token;
    assert_eq!(created_by(&bearing(&cloud, &robot_token), "robot"), robot.id);

    let user = created_by(&bearing(&cloud, &user_token(&cloud)), "user");
    assert!(user.starts_with("aje") && user.len() == 20, "{user}");
    cloud.advance(HOUR);
    assert_eq!(created_by(&bearing(&cloud, &user_token(&cloud)), "again"), user, "a user stays the same");
    let other = traded(&cloud, Identity::YandexPassportOauthToken("y0_of-somebody-else".into())).unwrap().iam_token;
    assert_ne!(created_by(&bearing(&cloud, &other), "another"), user);

    // Where no token is asked for, one that has expired still tells who it is.
    cloud.advance(24 * HOUR);
    assert_eq!(created_by(&bearing(&cloud, &robot_token), "later"), robot.id);
}

#[test]
fn who_shows_no_token_of_ours_is_nobody_in_particular() {
    let cloud = Cloud::start();
    let token = user_token(&cloud);
    let forged = format!("{}A", &token[..token.len() - 1]);
    assert_ne!(forged, token);
    let headers = ["Bearer t1.of-the-service.itself", "Basic dTpw", "Bearer", &format!("Bearer {forged}"), &token];
    assert_eq!(created_by(&cloud, "none"), "mdb-emulator");
    for (number, header) in headers.into_iter().enumerate() {
        let cloud = cloud.with_header("authorization", header);
        assert_eq!(created_by(&cloud, &format!("cluster-{number}")), "mdb-emulator", "{header}");
    }
}

#[track_caller]
fn created_by(cloud: &Cloud, name: &str) -> String {
    let started = Redis::create(cloud, Redis::new_cluster(name)).unwrap();
    let ended = cloud.operation(&started.id).unwrap();
    assert_eq!(started.created_by, ended.created_by);
    started.created_by
}
